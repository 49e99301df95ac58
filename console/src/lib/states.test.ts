import { expect, test } from 'vitest'
import type { Flight, Phase } from './api/types.ts'
import { arrivalOf, leftOnScene, stayText } from './states.ts'

const untilS = (at: string): number => Number(at)
const flight = { phase: 'on_scene', ended: false } as const

test('what comes first of watch and charge is what is left, and beside it stands what the charge allows', () => {
  const watch = leftOnScene({ must_leave_at: '1925', next_action_at: '175' }, flight, untilS)
  expect(watch).toEqual({ leftS: 175, ends: 'watch', chargeS: 1925 })
  expect(watch && stayText(watch)).toBe('its watch ends; charge allows 32 min')
  const charge = leftOnScene({ must_leave_at: '90', next_action_at: '175' }, flight, untilS)
  expect(charge).toEqual({ leftS: 90, ends: 'charge', chargeS: 90 })
  expect(charge && stayText(charge)).toBe('its charge ends it')
  expect(leftOnScene({ must_leave_at: '90', next_action_at: null }, flight, untilS)?.ends).toBe('charge')
})

test('nothing is said of a drone that does not stay, or has not told', () => {
  expect(leftOnScene({ must_leave_at: '90', next_action_at: '1' }, { phase: 'returning', ended: false }, untilS)).toBeNull()
  expect(leftOnScene({ must_leave_at: null, next_action_at: null }, flight, untilS)).toBeNull()
  expect(leftOnScene(undefined, flight, untilS)).toBeNull()
})

function out(phase: Phase, more: Partial<Flight> = {}): Flight {
  return { phase, ended: false, conditions: [], ordered_at: '-20', promised: { time_to_scene_s: 75 }, phases: [{ phase }], leg: null, ...more } as unknown as Flight
}

test('an arrival is what the drone reckons now, and what was promised stands beside it', () => {
  expect(arrivalOf(out('en_route'), { next_action_at: '42' }, untilS)).toEqual({ inS: 42, promisedInS: 55, reckoned: true })
  expect(arrivalOf(out('preparing'), { next_action_at: null }, untilS)).toEqual({ inS: 55, promisedInS: 55, reckoned: false })
})

test('one that holds arrives nowhere by itself', () => {
  expect(arrivalOf(out('en_route', { conditions: ['holding'] }), { next_action_at: '900' }, untilS)).toBeNull()
  expect(arrivalOf(out('en_route', { in_hand: true }), { next_action_at: null }, untilS)).toBeNull()
  expect(arrivalOf(out('returning'), { next_action_at: '42' }, untilS)).toBeNull()
})
