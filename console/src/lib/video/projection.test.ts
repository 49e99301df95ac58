import { expect, test } from 'vitest'
import type { Aircraft } from '../api/types.ts'
import { destination, distanceM } from '../map/geometry.ts'
import { looking, project, scaleBar, seen, type Eye } from './projection.ts'

const AT = { lat_deg: 52.41, lon_deg: -1.51 }
const eye = (more: Partial<Eye> = {}): Eye => ({ ...AT, heightM: 60, bearingDeg: 0, pitchDeg: -45, hfovDeg: 90, aspect: 16 / 9, ...more })

test('60 m up and 45 degrees down, the middle of the picture is 60 m ahead', () => {
  for (const bearing of [0, 90, 217]) {
    const placed = project(eye({ bearingDeg: bearing }), destination(AT, bearing, 60))
    expect(placed.inside).toBe(true)
    expect(placed.x).toBeCloseTo(0.5, 3)
    expect(placed.y).toBeCloseTo(0.5, 3)
  }
})

test('straight down with 90 degrees across, 30 m to the right is a quarter of the width', () => {
  // The half width is 60 m tan 45 = 60 m, so 30 m are half of it; up in the picture is where the bearing points.
  const down = eye({ pitchDeg: -90, bearingDeg: 0 })
  expect(project(down, destination(AT, 90, 30)).x).toBeCloseTo(0.75, 3)
  expect(project(down, destination(AT, 0, 20)).y).toBeCloseTo(0.5 - (20 / 120) * (16 / 9), 3)
  const turned = eye({ pitchDeg: -90, bearingDeg: 90 })
  expect(project(turned, destination(AT, 90, 20)).y).toBeLessThan(0.5)
})

test('a level camera has the horizon in its middle: what is nearer lies lower', () => {
  const level = eye({ pitchDeg: 0, hfovDeg: 60 })
  const [near, far] = [project(level, destination(AT, 0, 200)), project(level, destination(AT, 0, 2000))]
  // focal = 0.5 / tan 30; y = 0.5 + focal * aspect * 60 / distance
  expect(near.y).toBeCloseTo(0.5 + ((0.5 / Math.tan(Math.PI / 6)) * (16 / 9) * 60) / 200, 3)
  expect(far.y).toBeGreaterThan(0.5)
  expect(far.y).toBeLessThan(near.y)
})

test('ground that is higher than under the eye lies higher in the picture', () => {
  const there = destination(AT, 0, 200)
  expect(project(eye({ pitchDeg: -15 }), there, 60).y).toBeLessThan(project(eye({ pitchDeg: -15 }), there, 0).y)
  // As high as the eye is: on the horizon, which a level camera has in its middle.
  expect(project(eye({ pitchDeg: 0 }), there, 60).y).toBeCloseTo(0.5, 6)
})

test('what is outside is told by an arrow at the edge, which points to it', () => {
  const right = project(eye({ hfovDeg: 40 }), destination(AT, 90, 400))
  expect([right.inside, right.x]).toEqual([false, 0.94])
  expect(right.arrowDeg).toBeGreaterThan(45)
  expect(right.arrowDeg).toBeLessThan(135)
  const left = project(eye({ hfovDeg: 40 }), destination(AT, 270, 400))
  expect(left.x).toBeCloseTo(0.06, 6)
  const behind = project(eye({ pitchDeg: -20 }), destination(AT, 180, 300))
  expect([behind.inside, behind.y]).toEqual([false, 0.94])
  expect(behind.arrowDeg).toBeCloseTo(180, 0)
})

test('the scale holds for the middle of the picture and is round', () => {
  // Straight down from 60 m, 90 degrees: 120 m across, a bar of at most 30 m.
  expect(scaleBar(eye({ pitchDeg: -90 }))).toEqual({ metres: 20, share: expect.closeTo(20 / 120, 6) })
  expect(scaleBar(eye({ pitchDeg: 0 }))).toBeNull()
})

test('the map draws what the picture shows: the corners of its ground are the corners of the picture', () => {
  const steep = eye({ pitchDeg: -50, hfovDeg: 50, bearingDeg: 130 })
  const { ring, sight } = seen(steep)
  const corners = ring.map(([lon_deg, lat_deg]) => project(steep, { lat_deg, lon_deg })).map(({ x, y }) => [x, y])
  for (const [x, y] of [
    [0, 1],
    [1, 1],
    [1, 0],
    [0, 0],
  ] as const) {
    // On the very edge a place is in the picture or told by an arrow just inside of it.
    const nearest = Math.min(...corners.map(([u = 9, v = 9]) => Math.hypot(u - x, v - y)))
    expect(nearest).toBeLessThan(0.09)
  }
  const end = { lon_deg: sight[1][0], lat_deg: sight[1][1] }
  expect(distanceM(AT, end)).toBeCloseTo(60 / Math.tan((50 * Math.PI) / 180), 1)
  expect(project(steep, end)).toMatchObject({ inside: true, x: expect.closeTo(0.5, 3), y: expect.closeTo(0.5, 3) })
})

test('straight down the ground that is seen is a box around the drone; at the horizon it is cut off', () => {
  const { ring } = seen(eye({ pitchDeg: -90, hfovDeg: 90 }))
  const away = ring.map(([lon_deg, lat_deg]) => distanceM(AT, { lat_deg, lon_deg }))
  // 60 m to either side, and 60 m * 9/16 ahead.
  expect(Math.max(...away)).toBeCloseTo(Math.hypot(60, 60 * (9 / 16)), 2)
  expect(Math.min(...away)).toBeCloseTo(60 * (9 / 16), 2)
  const level = seen(eye({ pitchDeg: 0 })).ring.map(([lon_deg, lat_deg]) => distanceM(AT, { lat_deg, lon_deg }))
  expect(Math.max(...level)).toBeLessThanOrEqual(1500)
  expect(Math.max(...level)).toBeGreaterThan(1400)
})

test('without a word of the gimbal only the heading is known, and nothing is placed', () => {
  const aircraft = { ...AT, heading_deg: 75, alt_above_home_m: 60 } as Aircraft
  expect(looking(aircraft)).toEqual({ known: 'heading', headingDeg: 75 })
  expect(looking({ ...aircraft, camera_bearing_deg: 10, camera_pitch_deg: null, camera_hfov_deg: 60 }).known).toBe('heading')
  const known = looking({ ...aircraft, camera_bearing_deg: 10, camera_pitch_deg: -30, camera_hfov_deg: 60 })
  expect(known).toMatchObject({ known: 'camera', eye: { bearingDeg: 10, pitchDeg: -30, hfovDeg: 60, heightM: 60 } })
})
