/** A flown track as it can be scrubbed: where the aircraft was at any instant, and what happened until then. */
import type { Command, Flight, Phase } from './api/types.ts'
import { bearingDeg, type LngLat } from './map/geometry.ts'

export interface Sample {
  atMs: number
  lonLat: LngLat
  altAmslM: number
  altAboveHomeM: number | null
  batteryPercent: number | null
}

interface TrackProperties {
  kind: string
  times?: string[]
  alt_above_home_m?: number[]
  battery_percent?: number[]
  phase?: Phase
  mission_time?: string
}

export function samplesOf(track: GeoJSON.FeatureCollection): Sample[] {
  const line = track.features.find((each) => (each.properties as TrackProperties | null)?.kind === 'track')
  if (line?.geometry.type !== 'LineString') return []
  const about = line.properties as TrackProperties
  return line.geometry.coordinates.map(([lon = 0, lat = 0, alt = 0], i) => ({
    atMs: Date.parse(about.times?.[i] ?? ''),
    lonLat: [lon, lat],
    altAmslM: alt,
    altAboveHomeM: about.alt_above_home_m?.[i] ?? null,
    batteryPercent: about.battery_percent?.[i] ?? null,
  }))
}

export interface Moment extends Sample {
  headingDeg: number
}

/** Between two samples the way is taken as straight; before the first and after the last it stands there. */
export function at(samples: readonly Sample[], atMs: number): Moment | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last) return null
  let low = 0
  let high = samples.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((samples[middle]?.atMs ?? 0) <= atMs) low = middle
    else high = middle - 1
  }
  const [a, b] = [samples[low] ?? first, samples[Math.min(low + 1, samples.length - 1)] ?? last]
  const share = b.atMs > a.atMs ? Math.min(1, Math.max(0, (atMs - a.atMs) / (b.atMs - a.atMs))) : 0
  const mix = (x: number, y: number): number => x + (y - x) * share
  const mixMaybe = (x: number | null, y: number | null): number | null => (x === null || y === null ? x : mix(x, y))
  const point = (sample: Sample): { lon_deg: number; lat_deg: number } => ({ lon_deg: sample.lonLat[0], lat_deg: sample.lonLat[1] })
  return {
    atMs,
    lonLat: [mix(a.lonLat[0], b.lonLat[0]), mix(a.lonLat[1], b.lonLat[1])],
    altAmslM: mix(a.altAmslM, b.altAmslM),
    altAboveHomeM: mixMaybe(a.altAboveHomeM, b.altAboveHomeM),
    batteryPercent: mixMaybe(a.batteryPercent, b.batteryPercent),
    headingDeg: bearingDeg(point(a), point(b)),
  }
}

export interface Happening {
  atMs: number
  kind: 'phase' | 'command' | 'alarm' | 'override' | 'turn'
  what: string
  who: string
  detail: string
}

/** Everything that is known of a flight, in the order in which it happened. */
export function happenings(flight: Flight, words: { phase: (phase: string) => string; action: (action: string) => string; outcome: (outcome: string) => string; alarm: (kind: string) => string }): Happening[] {
  const list: Happening[] = []
  for (const entry of flight.phases)
    list.push({ atMs: Date.parse(entry.mission_time), kind: 'phase', what: words.phase(entry.phase), who: '', detail: entry.because ?? '' })
  for (const command of flight.commands ?? []) list.push(commandHappened(command, words))
  for (const alarm of flight.alarms ?? [])
    list.push({ atMs: Date.parse(alarm.raised_at), kind: 'alarm', what: words.alarm(alarm.kind), who: alarm.acknowledged_by ? `seen by ${alarm.acknowledged_by}` : '', detail: alarm.text })
  for (const aside of flight.warnings?.set_aside ?? [])
    list.push({ atMs: Date.parse(aside.at), kind: 'override', what: `Set aside for this launch: ${aside.text}`, who: aside.by, detail: aside.note })
  for (const turn of flight.turns ?? [])
    list.push({ atMs: Date.parse(turn.at), kind: 'turn', what: turn.undone ? 'Not turned: back to the call that it was on' : 'Turned to another call', who: turn.accepted_by, detail: turn.because })
  return list.sort((a, b) => a.atMs - b.atMs)
}

function commandHappened(command: Command, words: { action: (action: string) => string; outcome: (outcome: string) => string }): Happening {
  return {
    atMs: Date.parse(command.issued_at),
    kind: 'command',
    what: words.action(command.action),
    who: command.actor,
    detail: [command.because, words.outcome(command.outcome), command.detail].filter((each) => each !== '').join(' – '),
  }
}
