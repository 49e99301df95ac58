import { expect, test } from 'vitest'
import { bearingDeg, circle, destination, distanceM, gridStepM, sameFeatures, widthOf, zoomFor } from './geometry.ts'

const HOME = { lat_deg: 52.41, lon_deg: -1.51 }

test('there and back is the same place', () => {
  const there = destination(HOME, 37, 1500)
  expect(distanceM(HOME, there)).toBeCloseTo(1500, 3)
  expect(bearingDeg(HOME, there)).toBeCloseTo(37, 3)
})

test('a circle is closed and has its radius everywhere', () => {
  const ring = circle(HOME, 80)
  expect(ring.at(-1)).toEqual(ring[0])
  for (const [lon_deg, lat_deg] of ring) expect(distanceM(HOME, { lat_deg, lon_deg })).toBeCloseTo(80, 3)
})

test('the grid has a round step', () => {
  expect(gridStepM(6000)).toBe(1000)
  expect(gridStepM(7000)).toBe(2000)
  expect(gridStepM(25_000)).toBe(5000)
})

test('a zone of a kilometre has room for 110 pixels from about zoom 12.4 on, here', () => {
  const zone: GeoJSON.Polygon = { type: 'Polygon', coordinates: [circle(HOME, 500)] }
  const { widthM, latDeg } = widthOf(zone)
  expect(widthM).toBeCloseTo(1000, 0)
  expect(zoomFor(widthM, latDeg, 110)).toBeCloseTo(12.36, 1)
  expect(zoomFor(2 * widthM, latDeg, 110)).toBeCloseTo(11.36, 1)
})

test('what draws the same is the same, however it was made', () => {
  const one = (lat: number): GeoJSON.FeatureCollection => ({
    type: 'FeatureCollection',
    features: [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [0, lat] } }],
  })
  expect(sameFeatures(one(1), one(1))).toBe(true)
  expect(sameFeatures(one(1), one(2))).toBe(false)
  expect(sameFeatures(one(1), { type: 'FeatureCollection', features: [] })).toBe(false)
})
