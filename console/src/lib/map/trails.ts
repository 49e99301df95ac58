/** Where each aircraft has just been: bounded, by distance rather than by time, so that a hover adds nothing. */
import type { Aircraft } from '../api/types.ts'
import { distanceM, lngLat, type LngLat } from './geometry.ts'

const STEP_M = 8
const MOST = 220

export class Trails {
  #points = new Map<string, { flight: string | null; line: LngLat[]; last: Aircraft }>()

  add(id: string, aircraft: Aircraft): void {
    const known = this.#points.get(id)
    if (!known || known.flight !== aircraft.flight_id) {
      this.#points.set(id, { flight: aircraft.flight_id, line: [lngLat(aircraft)], last: aircraft })
      return
    }
    if (distanceM(known.last, aircraft) < STEP_M) return
    known.last = aircraft
    known.line.push(lngLat(aircraft))
    if (known.line.length > MOST) known.line.shift()
  }

  keep(ids: ReadonlyMap<string, unknown>): void {
    for (const id of this.#points.keys()) if (!ids.has(id)) this.#points.delete(id)
  }

  of(id: string): readonly LngLat[] {
    return this.#points.get(id)?.line ?? []
  }
}
