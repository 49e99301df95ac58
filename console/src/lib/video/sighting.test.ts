import { expect, test } from 'vitest'
import type { Aircraft } from '../api/types.ts'
import { destination } from '../map/geometry.ts'
import { sightingOf } from './sighting.ts'

const AT = { lat_deg: 52.41, lon_deg: -1.51 }
const aircraft = { ...AT, heading_deg: 75, alt_above_home_m: 60, camera_bearing_deg: 0, camera_pitch_deg: -30, camera_hfov_deg: 60 } as Aircraft

test('the line under a picture says where the incident is, and what that rests on', () => {
  expect(sightingOf(aircraft, destination(AT, 0, 104), null).says).toBe('Incident 104 m north, as on flat ground')
  expect(sightingOf(aircraft, destination(AT, 180, 200), null).says).toBe('Incident outside the picture: 200 m south')
  expect(sightingOf(aircraft, null, null).says).toBe('')
})

test('where the gimbal says nothing, neither does a mark', () => {
  const blind = sightingOf({ ...aircraft, camera_pitch_deg: null }, destination(AT, 0, 104), null)
  expect(blind).toMatchObject({ placed: null, bar: null, headingDeg: 75 })
  expect(blind.says).toContain('not reported')
})
