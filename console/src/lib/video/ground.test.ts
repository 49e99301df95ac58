import { expect, test } from 'vitest'
import type { Point } from '../api/types.ts'
import { destination, distanceM } from '../map/geometry.ts'
import { FLAT, heightAt, isOutdated, reliefOf, type Grid, type Ground } from './ground.ts'
import { isHidden, project, scaleBar, seen, sightThrough, type Eye } from './projection.ts'

const HOME_M = 92
const AT = { lat_deg: 52.41, lon_deg: -1.51 }
const RAD = Math.PI / 180

// WGS84 and its two radii at the eye: nothing of this is in what is tested, which reckons on a sphere.
const [A, E2] = [6_378_137, 0.00669437999014]
const meridian = (A * (1 - E2)) / (1 - E2 * Math.sin(AT.lat_deg * RAD) ** 2) ** 1.5
const across = A / Math.sqrt(1 - E2 * Math.sin(AT.lat_deg * RAD) ** 2)

/** A hill of 70 m 500 m to the north-east, on a slope that rises by 3 in 100 to the east; above home. */
function hillM(at: Point): number {
  const north = (at.lat_deg - AT.lat_deg) * RAD * meridian
  const east = (at.lon_deg - AT.lon_deg) * RAD * across * Math.cos(AT.lat_deg * RAD)
  return 0.03 * east + 70 * Math.exp(-((north - 350) ** 2 + (east - 350) ** 2) / (2 * 150 ** 2))
}

function gridOf(heightM: (at: Point) => number | null, nodes = 61): Grid {
  const [tall, wide] = [1800 / (meridian * RAD), 1800 / (across * Math.cos(AT.lat_deg * RAD) * RAD)]
  const [south_deg, west_deg] = [AT.lat_deg - tall, AT.lon_deg - wide]
  const [lat_step_deg, lon_step_deg] = [(2 * tall) / (nodes - 1), (2 * wide) / (nodes - 1)]
  const ground_amsl_m = Array.from({ length: nodes }, (_, row) =>
    Array.from({ length: nodes }, (_each, column) => {
      const height = heightM({ lat_deg: south_deg + row * lat_step_deg, lon_deg: west_deg + column * lon_step_deg })
      return height === null ? null : HOME_M + height
    }),
  )
  return { south_deg, west_deg, lat_step_deg, lon_step_deg, ground_amsl_m }
}

const ground = (scene: Point, more: Partial<Ground> = {}): Ground => ({
  flight_id: 'f',
  source: { digest: '00', sea_level: 'ODN', resolution_m: 50 },
  home_amsl_m: HOME_M,
  scene: { ...scene, ground_amsl_m: HOME_M + hillM(scene) },
  grid: gridOf(hillM),
  ...more,
})
const eye = (more: Partial<Eye> = {}): Eye => ({ ...AT, heightM: 110, bearingDeg: 45, pitchDeg: -12, hfovDeg: 60, aspect: 16 / 9, ...more })

type Vector = [number, number, number]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** Earth-centred, on the ellipsoid. */
function fixed(at: Point, amslM: number): Vector {
  const [lat, lon] = [at.lat_deg * RAD, at.lon_deg * RAD]
  const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2)
  return [(n + amslM) * Math.cos(lat) * Math.cos(lon), (n + amslM) * Math.cos(lat) * Math.sin(lon), (n * (1 - E2) + amslM) * Math.sin(lat)]
}

/** A pinhole in the Earth-centred frame: its axes from the normal of the ellipsoid at the eye. */
function pictured(camera: Eye, at: Point, amslM: number): { x: number; y: number } {
  const [lat, lon] = [camera.lat_deg * RAD, camera.lon_deg * RAD]
  const east: Vector = [-Math.sin(lon), Math.cos(lon), 0]
  const north: Vector = [-Math.sin(lat) * Math.cos(lon), -Math.sin(lat) * Math.sin(lon), Math.cos(lat)]
  const up: Vector = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)]
  const mix = (e: number, n: number, u: number): Vector => [0, 1, 2].map((i) => e * (east[i] ?? 0) + n * (north[i] ?? 0) + u * (up[i] ?? 0)) as Vector
  const [b, p] = [camera.bearingDeg * RAD, camera.pitchDeg * RAD]
  const axis = mix(Math.sin(b) * Math.cos(p), Math.cos(b) * Math.cos(p), Math.sin(p))
  const right = mix(Math.cos(b), -Math.sin(b), 0)
  const top = mix(-Math.sin(b) * Math.sin(p), -Math.cos(b) * Math.sin(p), Math.cos(p))
  const [from, to] = [fixed(camera, HOME_M + camera.heightM), fixed(at, amslM)]
  const way: Vector = [to[0] - from[0], to[1] - from[1], to[2] - from[2]]
  const half = Math.tan((camera.hfovDeg / 2) * RAD)
  return { x: 0.5 + dot(way, right) / dot(way, axis) / (2 * half), y: 0.5 - (dot(way, top) / dot(way, axis) / (2 * half)) * camera.aspect }
}

test('the marker lies where an Earth-centred pinhole over the ellipsoid has it, up the hill and down the slope', () => {
  for (const [bearing, away] of [
    [45, 330],
    [38, 420],
    [60, 250],
    [52, 600],
  ] as const) {
    const scene = destination(AT, bearing, away)
    const known = ground(scene)
    const height = reliefOf(known)(scene)
    expect(height).toBeCloseTo(hillM(scene), 6)
    const expected = pictured(eye(), scene, HOME_M + hillM(scene))
    const placed = project(eye(), scene, height ?? 0)
    expect(placed.inside).toBe(true)
    expect(placed.x).toBeCloseTo(expected.x, 2)
    expect(Math.abs(placed.x - expected.x)).toBeLessThan(0.003)
    expect(Math.abs(placed.y - expected.y)).toBeLessThan(0.003)
  }
})

test('flat ground would put it on another house: the marker of a scene 45 m up moves by a seventh of the picture', () => {
  const scene = destination(AT, 45, 400)
  const [over, flat] = [project(eye(), scene, hillM(scene)), project(eye(), scene)]
  expect(hillM(scene)).toBeGreaterThan(45)
  expect(flat.y - over.y).toBeGreaterThan(0.14)
})

test('a line of sight comes down where a fine march over the hill itself has it come down', () => {
  const relief = reliefOf(ground(AT))
  for (const [bearingDeg, pitchDeg] of [
    [45, -12],
    [45, -6],
    [225, -20],
    [0, -35],
    [90, -89.9],
  ] as const) {
    const camera = eye({ bearingDeg, pitchDeg })
    const [b, p] = [bearingDeg * RAD, pitchDeg * RAD]
    let t = 0
    let at: Point = AT
    for (; t < 3000; t += 0.25) {
      const [e, n, u] = [t * Math.sin(b) * Math.cos(p), t * Math.cos(b) * Math.cos(p), camera.heightM + t * Math.sin(p)]
      at = { lat_deg: AT.lat_deg + n / meridian / RAD, lon_deg: AT.lon_deg + e / (across * Math.cos(AT.lat_deg * RAD)) / RAD }
      if (u <= hillM(at)) break
    }
    const sight = sightThrough(camera, 0.5, 0.5, relief)
    expect(sight.meets).toBe(true)
    // The grid has a height each 60 m: between them the hill is cut off by a metre.
    expect(distanceM(sight.end, at)).toBeLessThan(8)
    expect(Math.abs(sight.slantM - t)).toBeLessThan(8)
    // And the middle of the picture is where that place is.
    const placed = project(camera, sight.end, relief(sight.end) ?? 0)
    expect([placed.x, placed.y]).toEqual([expect.closeTo(0.5, 3), expect.closeTo(0.5, 3)])
  }
})

test('the scale is that of the ground in the middle of the picture, not of flat ground behind it', () => {
  const camera = eye({ pitchDeg: -12 })
  const relief = reliefOf(ground(AT))
  const { slantM } = sightThrough(camera, 0.5, 0.5, relief)
  expect(slantM).toBeLessThan(sightThrough(camera, 0.5, 0.5).slantM - 80)
  const bar = scaleBar(camera, relief)
  expect((bar?.metres ?? 0) / (bar?.share ?? 1)).toBeCloseTo(2 * slantM * Math.tan(30 * RAD), 6)
})

test('every corner of the footprint over a hill is on the border of the picture', () => {
  const [camera, relief] = [eye({ pitchDeg: -45 }), reliefOf(ground(AT))]
  const { ring } = seen(camera, relief)
  expect(ring.at(-1)).toEqual(ring[0])
  for (const [lon_deg, lat_deg] of ring) {
    const placed = project(camera, { lon_deg, lat_deg }, relief({ lon_deg, lat_deg }) ?? 0)
    const [x, y] = [Math.min(placed.x, 1 - placed.x), Math.min(placed.y, 1 - placed.y)]
    expect(Math.min(x, y)).toBeLessThan(0.061)
  }
  expect(seen(eye({ pitchDeg: 40 }), relief).ring).toEqual([])
})

test('behind the hill a place is hidden; on its near side, and over flat ground, it is not', () => {
  const low = eye({ heightM: 60, pitchDeg: 0 })
  const relief = reliefOf(ground(AT))
  expect(isHidden(low, destination(AT, 45, 900), relief)).toBe(true)
  expect(isHidden(low, destination(AT, 45, 350), relief)).toBe(false)
  expect(isHidden(low, destination(AT, 225, 900), relief)).toBe(false)
  expect(isHidden(low, destination(AT, 45, 900), FLAT)).toBe(false)
})

test('what is not known is null: beyond the grid, beside an unknown height, and without a model it is flat', () => {
  const grid = gridOf((at) => (at.lat_deg > AT.lat_deg ? null : 5))
  expect(heightAt(grid, destination(AT, 180, 500))).toBeCloseTo(HOME_M + 5, 9)
  expect(heightAt(grid, destination(AT, 0, 30))).toBeNull()
  expect(heightAt(grid, destination(AT, 180, 1900))).toBeNull()
  const far = destination(AT, 90, 4000)
  expect(reliefOf(ground(far))(far)).toBeCloseTo(hillM(far), 9)
  expect(reliefOf(ground(far))(destination(AT, 90, 3000))).toBeNull()
  expect(reliefOf(null)).toBe(FLAT)
  expect(reliefOf(ground(far, { source: null }))).toBe(FLAT)
})

test('a grid goes on across the antimeridian', () => {
  const rows = [
    [1, 2, 3],
    [1, 2, 3],
  ]
  const grid = { south_deg: 0, west_deg: 179.99, lat_step_deg: 1, lon_step_deg: 0.01, ground_amsl_m: rows }
  expect(heightAt(grid, { lat_deg: 0.5, lon_deg: 179.995 })).toBeCloseTo(1.5, 6)
  expect(heightAt(grid, { lat_deg: 0.5, lon_deg: -179.995 })).toBeCloseTo(2.5, 6)
  expect(heightAt(grid, { lat_deg: 0.5, lon_deg: -179.98 })).toBeNull()
})

test('it is asked for anew when the aircraft has left the middle, or the incident its place; never where there is no model', () => {
  const scene = destination(AT, 90, 700)
  const known = ground(scene)
  expect(isOutdated(known, destination(AT, 10, 250), scene)).toBe(false)
  expect(isOutdated(known, destination(AT, 10, 350), scene)).toBe(true)
  expect(isOutdated(known, AT, destination(scene, 0, 20))).toBe(true)
  expect(isOutdated(ground(scene, { source: null, grid: null }), destination(AT, 10, 9000), AT)).toBe(false)
})
