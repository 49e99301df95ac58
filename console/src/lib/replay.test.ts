import { expect, test } from 'vitest'
import { at, samplesOf } from './replay.ts'

const TRACK = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: [[-1.5, 52.4, 92], [-1.4, 52.4, 152]] },
      properties: {
        kind: 'track',
        times: ['2026-01-31T09:30:00.000Z', '2026-01-31T09:30:10.000Z'],
        alt_above_home_m: [0, 60],
        battery_percent: [100, 98],
      },
    },
  ],
} as GeoJSON.FeatureCollection
const START = Date.parse('2026-01-31T09:30:00.000Z')

test('between two samples it is on the way from one to the other', () => {
  const moment = at(samplesOf(TRACK), START + 5_000)
  expect(moment?.lonLat[0]).toBeCloseTo(-1.45, 6)
  expect([moment?.altAboveHomeM, moment?.batteryPercent]).toEqual([30, 99])
  expect(moment?.headingDeg).toBeCloseTo(90, 0)
})

test('before the first sample and after the last it stands there', () => {
  const samples = samplesOf(TRACK)
  expect(at(samples, START - 60_000)?.lonLat).toEqual([-1.5, 52.4])
  expect(at(samples, START + 60_000)?.lonLat).toEqual([-1.4, 52.4])
})

test('a flight without a track has no moments', () => {
  expect(samplesOf({ type: 'FeatureCollection', features: [] })).toEqual([])
  expect(at([], START)).toBeNull()
})
