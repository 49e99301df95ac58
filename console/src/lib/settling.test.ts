import { expect, test } from 'vitest'
import type { Decision, Option } from './api/types.ts'
import { OTHER_ARRIVAL_S, SETTLED_MS, Settling, targetOf } from './settling.ts'

function option(dock_id: string, eligible: boolean, more: Partial<Option> = {}): Option {
  const reasons = eligible ? [] : [{ code: 'charge_too_low', text: 'charge 20.0 %, a launch needs 60.0 %', value: 20, limit: 60, age_s: 1 }]
  return { dock_id, eligible, reasons, only_warnings: false, ...more } as Option
}
const decision = (...options: Option[]): Decision => ({ options }) as Decision

test('while nobody has chosen, the best goes', () => {
  expect(targetOf(decision(option('cov-1', true), option('cov-2', true)), null).option?.dock_id).toBe('cov-1')
})

test('a chosen dock that drops out is replaced by no other, and it says why', () => {
  const both = decision(option('cov-1', true), option('cov-2', true))
  expect(targetOf(both, 'cov-2')).toMatchObject({ option: { dock_id: 'cov-2' }, fallen: null })
  const fallen = targetOf(decision(option('cov-1', true), option('cov-2', false)), 'cov-2')
  expect(fallen.option).toBeUndefined()
  expect(fallen.fallen).toEqual({ dockId: 'cov-2', because: 'charge 20.0 %, a launch needs 60.0 %' })
  expect(targetOf(decision(option('cov-1', true)), 'cov-2').fallen?.dockId).toBe('cov-2')
})

test('one that only warnings keep at home is still the one that was chosen', () => {
  expect(targetOf(decision(option('cov-1', true), option('cov-2', false, { only_warnings: true })), 'cov-2').option?.dock_id).toBe('cov-2')
})

test('the guard follows what the button says, whatever the reason that it says something else', () => {
  const guard = new Settling()
  guard.look({ does: 'cov-2 to INC-1', arrivalS: 253 }, 0)
  expect(guard.settled(SETTLED_MS - 1)).toBe(false)
  expect(guard.settled(SETTLED_MS)).toBe(true)
  guard.look({ does: 'cov-1 to INC-1', arrivalS: 68 }, 1000)
  expect(guard.settled(1020)).toBe(false)
  expect(guard.settled(1000 + SETTLED_MS)).toBe(true)
})

test('a second more or less is the same button; another arrival is not', () => {
  const guard = new Settling()
  guard.look({ does: 'x', arrivalS: 68 }, 0)
  guard.look({ does: 'x', arrivalS: 67 }, 1000)
  expect(guard.settled(1000)).toBe(true)
  guard.look({ does: 'x', arrivalS: 68 + OTHER_ARRIVAL_S + 1 }, 1001)
  expect(guard.settled(1002)).toBe(false)
})

test('a button that has said nothing yet is not settled', () => {
  expect(new Settling().settled(1e9)).toBe(false)
})
