import { expect, test } from 'vitest'
import type { Aircraft, Flight, Incident, Phase } from '../lib/api/types.ts'
import { promisedAt, sceneOf, wind } from './scene.ts'

const T = (seconds: number): string => new Date(Date.UTC(2026, 0, 31, 9, 30, seconds)).toISOString()
const OPEN = { id: 'i', status: 'open' } as Incident

function flight(id: string, phase: Phase, changes: Partial<Flight> = {}): Flight {
  return {
    id,
    callsign: id,
    phase,
    ended: ['docked', 'cancelled', 'refused', 'missing', 'landed_away'].includes(phase),
    conditions: [],
    ordered_at: T(0),
    relieves: null,
    promised: { time_to_airborne_s: 8, time_to_scene_s: 90, on_scene_s: 300, battery_on_return_percent: 60, distance_m: 900 },
    ...changes,
  } as Flight
}

function aircraft(flightId: string, changes: Partial<Aircraft> = {}): ReadonlyMap<string, Aircraft> {
  return new Map([['a', { flight_id: flightId, next_action_at: null, must_leave_at: null, ...changes } as Aircraft]])
}

test('before anything is sent it says so', () => {
  expect(sceneOf(OPEN, [], new Map()).phrase).toBe('No drone has been sent yet')
})

test('until it flies the arrival is the promised one', () => {
  const scene = sceneOf(OPEN, [flight('K1', 'preparing')], new Map())
  expect([scene.stage, scene.dueAt, scene.lateS]).toEqual(['coming', T(90), null])
})

test('on its way the arrival is what the aircraft says, held against what was promised', () => {
  const scene = sceneOf(OPEN, [flight('K1', 'en_route')], aircraft('K1', { next_action_at: T(120) }))
  expect([scene.dueAt, scene.lateS]).toEqual([T(120), 30])
})

test('one that holds on its way has no arrival', () => {
  const scene = sceneOf(OPEN, [flight('K1', 'en_route', { conditions: ['holding'] })], aircraft('K1', { next_action_at: T(120) }))
  expect([scene.phrase, scene.dueAt]).toEqual(['K1 holds on its way', null])
})

test('on scene it says when it leaves: by its order or by its charge, whichever comes first', () => {
  const scene = sceneOf(OPEN, [flight('K1', 'on_scene')], aircraft('K1', { next_action_at: T(400), must_leave_at: T(380) }))
  expect([scene.stage, scene.dueLabel, scene.dueAt]).toEqual(['here', 'Leaving in', T(380)])
})

test('the one on scene comes before the one that comes to relieve it, which is named', () => {
  const scene = sceneOf(OPEN, [flight('K2', 'en_route', { relieves: 'K1' }), flight('K1', 'on_scene')], new Map())
  expect([scene.flight?.id, scene.relief?.id]).toEqual(['K1', 'K2'])
})

test('the aircraft of another flight is not taken for its own', () => {
  expect(sceneOf(OPEN, [flight('K1', 'en_route')], aircraft('K9')).aircraft).toBeNull()
})

test('what was never promised is not made up', () => {
  const unknown = flight('K1', 'ordered')
  expect(promisedAt({ ...unknown, promised: { ...unknown.promised, time_to_scene_s: null } })).toBeNull()
})

test.each([[0, 'north'], [44, 'north-east'], [181, 'south'], [359, 'north']] as const)('%i degrees is %s', (degrees, word) => {
  expect(wind(degrees)).toBe(word)
})

test('while it is told to go to another call, that and when is what it says', () => {
  const scene = sceneOf(OPEN, [flight('K1', 'on_scene', { leaving: { at: T(320) } })], aircraft('K1', { must_leave_at: T(380) }))
  expect([scene.going, scene.phrase, scene.dueLabel, scene.dueAt]).toEqual([true, 'K1 leaves for a graver call', 'It leaves in', T(320)])
})

test('one that was turned to this call is promised from then', () => {
  expect(promisedAt(flight('K1', 'en_route', { leg: { began_at: T(200), time_to_scene_s: 40, watch_s: 60 } }))).toBe(T(240))
})

test('a call whose drone has gone elsewhere does not say that none was sent', () => {
  expect(sceneOf({ ...OPEN, flight_ids: ['f'] } as Incident, [], new Map()).phrase).toBe('No drone is on this call now')
})

test('where there is no countdown, words say what is known: never a naked dash', () => {
  const phases: Phase[] = ['ordered', 'preparing', 'launching', 'en_route', 'on_scene', 'returning', 'landing', 'docked', 'landed_away', 'missing', 'cancelled', 'refused']
  const nothing = { time_to_airborne_s: null, time_to_scene_s: null, on_scene_s: null, battery_on_return_percent: null, distance_m: null }
  for (const phase of phases) {
    const scene = sceneOf(OPEN, [flight('K1', phase, { promised: nothing as unknown as Flight['promised'] })], new Map())
    expect([phase, scene.dueAt]).toEqual([phase, null])
    expect(scene.instead, phase).toMatch(/^\w+ /)
  }
  expect(sceneOf(OPEN, [flight('K1', 'returning')], new Map()).instead).toBe('It has left the scene and watches no more')
})
