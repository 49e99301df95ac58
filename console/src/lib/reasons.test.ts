import { expect, test } from 'vitest'
import type { Option, Reason } from './api/types.ts'
import { whyNot } from './reasons.ts'

const reason = (code: string, text: string): Reason => ({ code, text, value: null, limit: null, age_s: null })
const pilot = reason('no_pilot_free', 'both pilots on duty are silent')
const option = (dock_id: string, ...reasons: Reason[]): Option => ({ dock_id, reasons }) as Option

test('a cause that all docks have is told once, and what is a dock’s own stays with it', () => {
  const charge = reason('charge_too_low', 'charge 20.0 %, a launch needs 60.0 %')
  const found = whyNot([option('cov-1', pilot), option('cov-2', charge, pilot)])
  expect(found.common).toEqual([pilot])
  expect(found.each.map((each) => each.reasons)).toEqual([[], [charge]])
})

test('the same kind of reason with other figures is not the same reason', () => {
  const found = whyNot([option('cov-1', reason('busy', 'on K2')), option('cov-2', reason('busy', 'on K3'))])
  expect(found.common).toEqual([])
})

test('one dock alone keeps its reasons', () => {
  expect(whyNot([option('cov-1', pilot)])).toMatchObject({ common: [], each: [{ reasons: [pilot] }] })
  expect(whyNot([])).toEqual({ common: [], each: [] })
})
