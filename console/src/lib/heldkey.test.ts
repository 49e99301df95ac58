import { expect, test } from 'vitest'
import { begun, heldLong, letGo } from './heldkey.ts'

const shift = (key: string, more = {}) => ({ key, shiftKey: true, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more })
const k4 = { id: 'f', callsign: 'K4' }

test('Shift with H or R is begun for the flight that is looked at, by its callsign', () => {
  expect(begun(shift('H'), k4, false, false, 5)).toEqual({ flightId: 'f', callsign: 'K4', action: 'hold', key: 'H', sinceMs: 5 })
  expect(begun(shift('r'), k4, false, false, 5)?.action).toBe('return')
})

test('a letter that is typed, repeated, without Shift or for no flight begins nothing', () => {
  expect(begun(shift('H'), k4, false, true, 0)).toBeNull()
  expect(begun(shift('H', { repeat: true }), k4, false, false, 0)).toBeNull()
  expect(begun(shift('H', { shiftKey: false }), k4, false, false, 0)).toBeNull()
  expect(begun(shift('H', { ctrlKey: true }), k4, false, false, 0)).toBeNull()
  expect(begun(shift('H'), null, false, false, 0)).toBeNull()
  expect(begun(shift('Q'), k4, false, false, 0)).toBeNull()
})

test('only what has not armed is cancelled', () => {
  expect(begun(shift('X'), k4, false, false, 0)).toBeNull()
  expect(begun(shift('X'), k4, true, false, 0)?.action).toBe('cancel')
})

test('letting go of the key or of Shift ends it', () => {
  const held = begun(shift('H'), k4, false, false, 0)
  expect(held && [letGo(held, 'h'), letGo(held, 'Shift'), letGo(held, 'a')]).toEqual([true, true, false])
})

test('it counts once it was held long enough by the clock, however late that is heard', () => {
  const held = begun(shift('H'), k4, false, false, 100)
  expect(held && [heldLong(held, 799), heldLong(held, 800)]).toEqual([false, true])
})
