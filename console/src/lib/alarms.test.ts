import { expect, test } from 'vitest'
import { inOrder, isShelved } from './alarms.ts'
import type { Cause } from './api/types.ts'

const at = '2026-01-31T12:00:00.000Z'
const cause = (changes: Partial<Cause>): Cause => ({
  id: 'a', kind: 'charger', priority: 3, text: '', action: '', active: true, acknowledged: false, acknowledged_by: [], may_be_shelved: true,
  raised_at: at, alarm_ids: [], unacknowledged: [], dock_ids: [], flight_ids: [], ...changes,
})
const shelf = { by: 'controller-1', at, until: '2026-01-31T13:00:00.000Z', because: 'known' }

test('a shelf holds until its time, and never for what is a matter of safety', () => {
  const noon = Date.parse(at)
  expect(isShelved(cause({ shelf }), noon)).toBe(true)
  expect(isShelved(cause({ shelf }), noon + 3_600_000)).toBe(false)
  expect(isShelved(cause({ shelf: null }), noon)).toBe(false)
  expect(isShelved(cause({ shelf, may_be_shelved: false }), noon)).toBe(false)
})

test('the unseen come first, then the gravest, then the newest', () => {
  const order = inOrder([
    cause({ id: 'seen', acknowledged: true, priority: 1 }),
    cause({ id: 'low' }),
    cause({ id: 'new', priority: 2, raised_at: '2026-01-31T12:05:00.000Z' }),
    cause({ id: 'old', priority: 2 }),
  ])
  expect(order.map((each) => each.id)).toEqual(['new', 'old', 'low', 'seen'])
})
