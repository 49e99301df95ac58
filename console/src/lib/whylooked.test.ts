import { expect, test } from 'vitest'
import type { Role } from './api/types.ts'
import { presetReason } from './whylooked.ts'

test('what stands in the record is why that role looks, and no role is taken for a supervisor', () => {
  const of = (...roles: Role[]) => presetReason(roles)
  expect([of('pilot'), of('controller'), of('officer'), of('supervisor'), of('engineer')]).toEqual([
    'commanding', 'dispatching', 'attending', 'supervising', 'testing',
  ])
  expect(of('engineer', 'pilot')).toBe('commanding')
  expect(of()).toBeNull()
})
