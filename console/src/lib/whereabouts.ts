/** Where an incident is, as one says it: its address, or how it lies from the nearest dock, whose name everybody knows. */
import type { Dock, Incident } from './api/types.ts'
import { bearing } from './format.ts'
import { bearingDeg, distanceM } from './map/geometry.ts'

/** A place nearer to a dock than this is at it. */
const AT_M = 25

export function whereabouts(incident: Pick<Incident, 'address' | 'place'>, docks: Iterable<Pick<Dock, 'name' | 'place'>>): string {
  if (incident.address) return incident.address
  let nearest: { name: string; place: Dock['place']; away: number } | null = null
  for (const { name, place } of docks) {
    const away = distanceM(place, incident.place)
    if (nearest === null || away < nearest.away) nearest = { name, place, away }
  }
  if (nearest === null) return `${incident.place.lat_deg.toFixed(4)}, ${incident.place.lon_deg.toFixed(4)}`
  if (nearest.away < AT_M) return nearest.name
  return `${said(nearest.away)} ${bearing(bearingDeg(nearest.place, incident.place))} of ${nearest.name}`
}

/** "290 m", "1.4 km": no finer than a person would say it. */
function said(awayM: number): string {
  return awayM < 950 ? `${Math.round(awayM / 10) * 10} m` : `${(awayM / 1000).toFixed(1)} km`
}
