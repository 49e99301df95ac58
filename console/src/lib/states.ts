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

export interface Stay {
  /** Seconds until it leaves by itself. */
  readonly leftS: number
  /** What makes it leave then. */
  readonly ends: 'watch' | 'charge'
  /** Seconds for which its charge would allow it to stay; null: it has not said. */
  readonly chargeS: number | null
}

/** How long it stays on scene, and what ends that: the watch that was ordered, or the charge, whichever is first. */
export function leftOnScene(
  aircraft: Pick<Aircraft, 'must_leave_at' | 'next_action_at'> | undefined,
  flight: Pick<Flight, 'phase' | 'ended'>,
  untilS: (missionTime: string) => number,
): Stay | null {
  if (aircraft === undefined || flight.ended || flight.phase !== 'on_scene') return null
  const chargeS = aircraft.must_leave_at === null ? null : untilS(aircraft.must_leave_at)
  const watchS = aircraft.next_action_at === null ? null : untilS(aircraft.next_action_at)
  if (watchS !== null && (chargeS === null || watchS < chargeS)) return { leftS: watchS, ends: 'watch', chargeS }
  return chargeS === null ? null : { leftS: chargeS, ends: 'charge', chargeS }
}

/** "leaves in 2:55 (watch ends); charge allows 32 min". */
export function stayText(stay: Stay): string {
  if (stay.ends === 'charge') return 'its charge ends it'
  return `its watch ends${stay.chargeS === null ? '' : `; charge allows ${roughly(stay.chargeS)}`}`
}

function roughly(seconds: number): string {
  return seconds < 120 ? `${Math.max(0, Math.round(seconds))} s` : `${Math.floor(seconds / 60)} min`
}

export interface Arrival {
  /** Seconds until it is on its scene, as it now reckons itself, or as was promised where it has not said. */
  readonly inS: number
  readonly promisedInS: number
  readonly reckoned: boolean
}

/** When it comes to the scene that it is for now; null once it has been there, while it is held, or without a promise. */
export function arrivalOf(flight: Flight, aircraft: Pick<Aircraft, 'next_action_at'> | undefined, untilS: (missionTime: string) => number): Arrival | null {
  const promisedS = flight.leg?.time_to_scene_s ?? flight.promised.time_to_scene_s
  const been = flight.phases.some((entry) => entry.phase === 'on_scene' || entry.phase === 'returning')
  if (promisedS === null || flight.ended || (flight.phase !== 'en_route' && been)) return null
  // Held, or in somebody's hand, it comes to no scene by itself.
  if (flight.conditions.includes('holding') || flight.in_hand) return null
  const promisedInS = untilS(flight.leg?.began_at ?? flight.ordered_at) + promisedS
  const at = flight.phase === 'en_route' ? aircraft?.next_action_at : null
  return at ? { inS: untilS(at), promisedInS, reckoned: true } : { inS: promisedInS, promisedInS, reckoned: false }
}

/** What it will do next by itself, and when, as far as it has said so. */
export function nextAction(aircraft: Aircraft | undefined): string {
  return aircraft?.next_action ?? ''
}
