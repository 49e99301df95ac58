/**
 * What a drone does when this console can tell it nothing more: from the phase and the conditions that were last heard.
 * As docs/explanation/way-home.md has it. Others may command it meanwhile; this is what it does by itself.
 */
import type { Aircraft, Flight } from './api/types.ts'

/** One sentence without its subject: "completes its watch, then comes home". */
export function byItself(flight: Flight, aircraft: Pick<Aircraft, 'in_air' | 'next_action'> | undefined, dockName: (id: string) => string): string {
  const has = (condition: string): boolean => flight.conditions.includes(condition)
  const home = homeOf(flight, dockName)
  if (flight.phase === 'missing') return 'was missing: nobody knows what it does'
  if (flight.phase === 'landed_away') return 'stands where it has landed, motors off'
  if (flight.ended) return 'is not in the air'
  if (flight.order?.state === 'waiting_for_pilot') return 'stays in its dock unless its pilot takes it'
  if (flight.phase === 'ordered') return 'takes off, flies to its scene, watches as ordered and comes home, if its dock has the order; otherwise it stays'
  if (flight.phase === 'preparing' || flight.phase === 'launching') return 'takes off, flies to its scene, watches as ordered and comes home'
  if (has('position_unknown')) return 'did not know where it is: its autopilot does what it can without a position'
  if (has('link_lost')) return `has lost its link to its dock: after that has lasted 10 s its autopilot brings it ${home}`
  if (flight.phase === 'landing') return 'lands'
  if (aircraft?.next_action === 'lands here') return 'lands where it is'
  if (has('diverting') || flight.phase === 'returning') return has('holding') ? `holds where it is until it is told otherwise, or until its charge forces it ${home}` : `comes ${home} and lands`
  if (has('holding') || flight.in_hand) return `holds where it is until it is told otherwise, or until its charge forces it ${home}`
  if (flight.leaving) return 'goes to the other call that it was announced for'
  if (flight.phase === 'on_scene') return `completes the watch that was ordered, then comes ${home}`
  return `flies on to its scene, watches as ordered, then comes ${home}`
}

function homeOf(flight: Flight, dockName: (id: string) => string): string {
  const to = flight.plan?.home_dock_id
  return to !== undefined && flight.dock_id !== undefined && to !== flight.dock_id ? `to ${dockName(to)}` : 'home'
}

/** All that are out, those that do the same together, in the order of their callsigns. */
export function alone(
  flights: readonly Flight[],
  aircraft: (id: string) => Pick<Aircraft, 'flight_id' | 'in_air' | 'next_action'> | undefined,
  dockName: (id: string) => string,
): { callsigns: string[]; does: string }[] {
  const found = new Map<string, string[]>()
  for (const flight of flights.toSorted((a, b) => a.callsign.localeCompare(b.callsign, 'en', { numeric: true }))) {
    const known = aircraft(flight.aircraft_id)
    const does = byItself(flight, known?.flight_id === flight.id ? known : undefined, dockName)
    found.set(does, [...(found.get(does) ?? []), flight.callsign])
  }
  return [...found].map(([does, callsigns]) => ({ callsigns, does }))
}
