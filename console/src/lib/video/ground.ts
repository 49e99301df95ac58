/**
 * The ground around a flight, as `GET /flights/{id}/ground` gives it: a small grid of heights above mean sea level, and the
 * height at the incident. Drawing reckons above home, which is where an aircraft's own height counts from. Pure.
 */
import type { Point } from '../api/types.ts'
import { distanceM } from '../map/geometry.ts'

export interface Grid {
  south_deg: number
  west_deg: number
  lat_step_deg: number
  lon_step_deg: number
  /** From the south to the north, from the west to the east; null where it is not known. */
  ground_amsl_m: readonly (readonly (number | null)[])[]
}

export interface Ground {
  flight_id: string
  /** Null: the dispatcher has no elevation model. */
  source: { digest: string; sea_level: string; resolution_m: number } | null
  home_amsl_m: number | null
  scene: Point & { ground_amsl_m: number | null }
  grid: Grid | null
}

/** How high the ground is above home, metres; null where that is not known. */
export type Relief = (at: Point) => number | null

/** Ground as high as home, everywhere: what is drawn over without an elevation model. */
export const FLAT: Relief = () => 0

/** Within this of the incident its own height holds, which is the model's and not the grid's. */
const AT_SCENE_M = 5
/** How far an aircraft goes from the middle of its grid before another one is asked for. */
const MOVED_M = 300

/** Above mean sea level, bilinear between the grid's heights; null beyond them, and where one that it needs is not known. */
export function heightAt(grid: Grid, at: Point): number | null {
  const rows = grid.ground_amsl_m
  const y = (at.lat_deg - grid.south_deg) / grid.lat_step_deg
  // A grid across the antimeridian goes on beyond 180 degrees.
  const x = ((((at.lon_deg - grid.west_deg + 180) % 360) + 360) % 360 - 180) / grid.lon_step_deg
  const [last, end] = [rows.length - 1, (rows[0]?.length ?? 0) - 1]
  if (!(x >= 0 && y >= 0 && x <= end && y <= last)) return null
  const [left, low] = [Math.min(Math.floor(x), end - 1), Math.min(Math.floor(y), last - 1)]
  const [across, up] = [x - left, y - low]
  let height = 0
  for (const [row, column, weight] of [
    [low, left, (1 - across) * (1 - up)],
    [low, left + 1, across * (1 - up)],
    [low + 1, left, (1 - across) * up],
    [low + 1, left + 1, across * up],
  ] as const) {
    if (weight === 0) continue
    const known = rows[row]?.[column] ?? null
    if (known === null) return null
    height += known * weight
  }
  return height
}

/** The ground above home; `FLAT` where there is no model, or nobody has asked yet. */
export function reliefOf(ground: Ground | null): Relief {
  if (!ground?.source || ground.home_amsl_m === null) return FLAT
  const { home_amsl_m: home, scene, grid } = ground
  return (at) => {
    const amsl =
      scene.ground_amsl_m !== null && distanceM(at, scene) < AT_SCENE_M ? scene.ground_amsl_m : grid === null ? null : heightAt(grid, at)
    return amsl === null ? null : amsl - home
  }
}

/** What is known of the ground is of another place by now. */
export function isOutdated(ground: Ground, aircraft: Point, scene: Point | null): boolean {
  if (ground.source === null) return false
  if (scene !== null && distanceM(scene, ground.scene) >= AT_SCENE_M) return true
  const grid = ground.grid
  if (grid === null) return false
  const rows = grid.ground_amsl_m.length
  const columns = grid.ground_amsl_m[0]?.length ?? 0
  const middle = { lat_deg: grid.south_deg + (grid.lat_step_deg * (rows - 1)) / 2, lon_deg: grid.west_deg + (grid.lon_step_deg * (columns - 1)) / 2 }
  return distanceM(aircraft, middle) > MOVED_M
}
