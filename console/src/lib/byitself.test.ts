import { expect, test } from 'vitest'
import type { Flight, Phase } from './api/types.ts'
import { alone, byItself } from './byitself.ts'

const flight = (phase: Phase, more: Partial<Flight> = {}): Flight => ({ phase, conditions: [], ended: false, dock_id: 'cov-1', ...more }) as unknown as Flight
const said = (one: Flight): string => byItself(one, undefined, (id) => `the dock ${id}`)

test('each phase says what comes next, and no two that differ say the same', () => {
  const phases: Phase[] = ['ordered', 'preparing', 'en_route', 'on_scene', 'returning', 'landing', 'missing', 'landed_away']
  expect(new Set(phases.map((phase) => said(flight(phase)))).size).toBe(phases.length)
})

test('only a drone on its scene completes a watch: not one that returns, holds or is in a hand', () => {
  expect(said(flight('on_scene'))).toBe('completes the watch that was ordered, then comes home')
  expect(said(flight('returning'))).toBe('comes home and lands')
  expect(said(flight('on_scene', { conditions: ['holding'] }))).toContain('holds where it is until it is told otherwise')
  expect(said(flight('en_route', { in_hand: true }))).toContain('holds where it is until it is told otherwise')
})

test('a lost link, another dock and a pilot who was not asked yet are said', () => {
  expect(said(flight('on_scene', { conditions: ['link_lost'] }))).toContain('10 s its autopilot brings it home')
  const diverted = { plan: { home_dock_id: 'cov-2' } as NonNullable<Flight['plan']> }
  expect(said(flight('returning', { conditions: ['diverting'], ...diverted }))).toBe('comes to the dock cov-2 and lands')
  expect(said(flight('ordered', { order: { state: 'waiting_for_pilot' } as NonNullable<Flight['order']> }))).toContain('unless its pilot takes it')
})

test('those that do the same are told together', () => {
  const out = [flight('on_scene', { callsign: 'K10' }), flight('returning', { callsign: 'K3' }), flight('on_scene', { callsign: 'K2' })]
  expect(alone(out, () => undefined, (id) => id).map((each) => each.callsigns)).toEqual([['K2', 'K10'], ['K3']])
})
