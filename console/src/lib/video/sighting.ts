/** What a picture shows of where it looks: its marks, and in one line what they mean. Pure. */
import type { Aircraft, Point } from '../api/types.ts'
import { bearing, metres } from '../format.ts'
import { bearingDeg, distanceM } from '../map/geometry.ts'
import { FLAT, reliefOf, type Ground } from './ground.ts'
import { ASPECT, isHidden, looking, project, scaleBar, type Looking, type Placed } from './projection.ts'

export interface Sighting {
  look: Looking
  /** Where the camera looks, or the nose points where nobody says, degrees from true north. */
  headingDeg: number
  /** The incident in the picture; null where the gimbal does not say. */
  placed: Placed | null
  /** Higher ground lies between. */
  hidden: boolean
  bar: { metres: number; share: number } | null
  /** The incident's way, "120 m north"; empty without one. */
  away: string
  says: string
}

export function sightingOf(aircraft: Aircraft, incident: Point | null, ground: Ground | null, aspect = ASPECT): Sighting {
  const look = looking(aircraft, aspect)
  const relief = reliefOf(ground)
  const heightM = incident && relief !== FLAT ? relief(incident) : null
  const away = incident ? `${metres(distanceM(aircraft, incident))} ${bearing(bearingDeg(aircraft, incident))}` : ''
  if (look.known === 'heading') {
    const says = `Where the camera looks is not reported: north by the nose${incident ? `, incident ${away}` : ''}`
    return { look, headingDeg: look.headingDeg, placed: null, hidden: false, bar: null, away, says }
  }
  const placed = incident ? project(look.eye, incident, heightM ?? 0) : null
  const hidden = incident !== null && placed?.inside === true && heightM !== null && isHidden(look.eye, incident, relief)
  const how = hidden ? ', behind higher ground' : heightM === null ? ', as on flat ground' : ''
  const says = placed === null ? '' : placed.inside ? `Incident ${away}${how}` : `Incident outside the picture: ${away}`
  return { look, headingDeg: look.eye.bearingDeg, placed, hidden, bar: scaleBar(look.eye, relief), away, says }
}
