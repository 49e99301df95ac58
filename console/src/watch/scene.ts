/** What an officer is told of the incident's drones: one of them, in a phrase, with what comes next and when. Pure. */
import type { Aircraft, Flight, Incident, Phase } from '../lib/api/types.ts'

export interface Scene {
  flight: Flight | null
  aircraft: Aircraft | null
  /** The one that comes to relieve it. */
  relief: Flight | null
  stage: 'none' | 'coming' | 'here' | 'leaving' | 'over'
  /** It has been told to go to another call, and still may be stopped. */
  going: boolean
  /** A plain phrase, such as "K4 is on its way". */
  phrase: string
  /** Mission instant to count down to; null where nobody can say. */
  dueAt: string | null
  /** What happens then, such as "on scene in". */
  dueLabel: string
  /** In words, while there is no such instant: what is known in its place. */
  instead: string
  /** Seconds by which it comes later than was promised; negative: sooner; null while nobody can say. */
  lateS: number | null
}

const RANK: Record<Phase, number> = {
  on_scene: 0,
  en_route: 1,
  launching: 2,
  preparing: 3,
  ordered: 4,
  returning: 5,
  landing: 6,
  missing: 7,
  docked: 8,
  landed_away: 8,
  cancelled: 9,
  refused: 9,
}

const NOTHING: Scene = {
  flight: null,
  aircraft: null,
  relief: null,
  stage: 'none',
  going: false,
  phrase: 'No drone has been sent yet',
  dueAt: null,
  dueLabel: '',
  instead: '',
  lateS: null,
}

export function sceneOf(incident: Incident | null, flights: Iterable<Flight>, aircraft: ReadonlyMap<string, Aircraft>): Scene {
  const all = [...flights].toSorted((a, b) => RANK[a.phase] - RANK[b.phase] || b.ordered_at.localeCompare(a.ordered_at))
  const flight = all[0]
  if (flight === undefined) {
    if (incident?.status !== 'open') return { ...NOTHING, phrase: 'The incident is over' }
    return (incident.flight_ids ?? []).length > 0 ? { ...NOTHING, phrase: 'No drone is on this call now' } : NOTHING
  }
  const seen = [...aircraft.values()].find((each) => each.flight_id === flight.id) ?? null
  const relief = all.find((each) => each.relieves === flight.id && !each.ended) ?? null
  return { ...NOTHING, ...told(flight, seen), ...going(flight), flight, aircraft: seen, relief }
}

/** While its countdown runs, that it goes to another call is what there is to say. */
function going(flight: Flight): Partial<Scene> {
  if (!flight.leaving) return {}
  return { going: true, phrase: `${flight.callsign} leaves for a graver call`, dueAt: flight.leaving.at, dueLabel: 'It leaves in', lateS: null }
}

function told(flight: Flight, aircraft: Aircraft | null): Pick<Scene, 'stage' | 'phrase' | 'dueAt' | 'dueLabel' | 'instead' | 'lateS'> {
  const name = flight.callsign
  const promised = promisedAt(flight)
  switch (flight.phase) {
    case 'ordered':
    case 'preparing':
    case 'launching':
      return {
        stage: 'coming',
        phrase: flight.phase === 'launching' ? `${name} takes off` : `${name} is made ready`,
        dueAt: promised,
        dueLabel: 'On scene in',
        instead: 'When it will be there is not known yet',
        lateS: null,
      }
    case 'en_route': {
      const held = flight.conditions.includes('holding')
      const now = held ? null : (aircraft?.next_action_at ?? promised)
      return {
        stage: 'coming',
        phrase: held ? `${name} holds on its way` : `${name} is on its way`,
        dueAt: now,
        dueLabel: 'On scene in',
        instead: held ? 'While it holds, nobody can say when it will be there' : 'When it will be there is not known',
        lateS: now !== null && promised !== null ? (Date.parse(now) - Date.parse(promised)) / 1000 : null,
      }
    }
    case 'on_scene':
      return {
        stage: 'here',
        phrase: flight.conditions.includes('holding') ? `${name} holds over the scene` : `${name} is on scene`,
        dueAt: earlier(aircraft?.next_action_at ?? null, aircraft?.must_leave_at ?? null),
        dueLabel: 'Leaving in',
        instead: 'How long it can stay is not known',
        lateS: null,
      }
    case 'returning':
    case 'landing':
      return { stage: 'leaving', phrase: `${name} is flying home`, dueAt: null, dueLabel: '', instead: 'It has left the scene and watches no more', lateS: null }
    case 'missing':
      return { stage: 'over', phrase: `Nothing is heard of ${name}`, dueAt: null, dueLabel: '', instead: 'Do not count on it', lateS: null }
    case 'cancelled':
    case 'refused':
      return { stage: 'over', phrase: `${name} did not fly`, dueAt: null, dueLabel: '', instead: 'It does not come', lateS: null }
    default:
      return { stage: 'over', phrase: `${name} has landed`, dueAt: null, dueLabel: '', instead: 'It watches no more', lateS: null }
  }
}

/** When it was promised to be there; null where nothing was. */
export function promisedAt(flight: Flight): string | null {
  if (flight.leg) return new Date(Date.parse(flight.leg.began_at) + flight.leg.time_to_scene_s * 1000).toISOString()
  const seconds = flight.promised.time_to_scene_s
  return seconds === null ? null : new Date(Date.parse(flight.ordered_at) + seconds * 1000).toISOString()
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return Date.parse(a) <= Date.parse(b) ? a : b
}

const WINDS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'] as const

/** A bearing as one of eight words. */
export function wind(bearingDeg: number): string {
  return WINDS[Math.round(bearingDeg / 45) % 8] ?? 'north'
}
