/** A state as it is shown: a tone, which is a colour and a shape, and the words. */
import type { Aircraft, Dock, Flight, Hold } from './api/types.ts'
import { say } from './glossary.ts'

export type Tone = 'ok' | 'busy' | 'warn' | 'danger' | 'off'

export interface Shown {
  tone: Tone
  text: string
}

export function dockShown(dock: Dock): Shown {
  if (!dock.registered) return { tone: 'danger', text: dock.unregistered_because || say('reason', 'unregistered') }
  if (!dock.agent.online) return { tone: 'off', text: 'Does not answer' }
  if (dock.state === 'fault') return { tone: 'danger', text: say('dock', 'fault') }
  if (dock.state === 'flying' || dock.state === 'preparing' || dock.state === 'recovering')
    return { tone: 'busy', text: say('dock', dock.state) }
  if (dock.holds?.length) return { tone: 'warn', text: dock.holds.map(heldText).join('; ') }
  if (dock.blockers[0] !== undefined) return { tone: 'warn', text: dock.blockers[0] }
  if (dock.state === 'ready') return { tone: 'ok', text: say('dock', 'ready') }
  if (dock.state === 'charging') return { tone: 'warn', text: say('dock', 'charging') }
  return { tone: 'off', text: say('dock', dock.state) }
}

/** By whose word a dock is out of service, as the server says it elsewhere. */
export function heldText(hold: Hold): string {
  return `held for maintenance by ${hold.by}: ${hold.because}`
}

export function flightShown(flight: Flight): Shown {
  const text = say('phase', flight.phase)
  if (flight.phase === 'missing' || flight.phase === 'landed_away') return { tone: 'danger', text }
  if (flight.conditions.includes('link_lost')) return { tone: 'danger', text: `${text}, link lost` }
  if (flight.conditions.includes('position_unknown')) return { tone: 'danger', text: `${text}, position unknown` }
  if (flight.phase === 'refused') return { tone: 'warn', text }
  if (flight.conditions.includes('holding')) return { tone: 'warn', text: `${text}, holding` }
  if (flight.ended) return { tone: 'off', text }
  return { tone: flight.phase === 'on_scene' ? 'ok' : 'busy', text }
}

export function isBeforeArming(flight: Flight): boolean {
  return flight.phase === 'ordered' || flight.phase === 'preparing'
}

/** How old an aircraft's position may be before the screen marks it, mission seconds. */
export const POSITION_OLD_S = 2.5

/**
 * How long it stays on scene, seconds, and what ends that: the watch that was ordered, or the charge, whichever is first.
 * Null where it does not stay, or has not said.
 */
export function leftOnScene(
  aircraft: Pick<Aircraft, 'must_leave_at' | 'next_action_at'> | undefined,
  flight: Pick<Flight, 'phase' | 'ended'>,
  untilS: (missionTime: string) => number,
): { leftS: number; limit: string } | null {
  if (aircraft === undefined || flight.ended || flight.phase !== 'on_scene') return null
  const charge = aircraft.must_leave_at === null ? Number.POSITIVE_INFINITY : untilS(aircraft.must_leave_at)
  const watch = aircraft.next_action_at === null ? Number.POSITIVE_INFINITY : untilS(aircraft.next_action_at)
  const leftS = Math.min(charge, watch)
  if (!Number.isFinite(leftS)) return null
  return { leftS, limit: watch <= charge ? 'by its watch' : 'by its charge' }
}

/** What it will do next by itself, and when, as far as it has said so. */
export function nextAction(aircraft: Aircraft | undefined): string {
  return aircraft?.next_action ?? ''
}
