import { expect, test } from 'vitest'
import type { DockWeather, Weather } from './api/types.ts'
import { heard, NO_WINDS, windsOf } from './winds.ts'

const START = Date.parse('2026-01-31T09:00:00Z')
const weather = (wind: number, ageS = 1): Weather => ({ wind_speed_m_s: wind, wind_from_deg: 240, gust_m_s: wind + 3, rain_mm_h: 0, temperature_c: 11, age_s: ageS })
const kept = (...minutes: number[]): DockWeather => ({
  dock_id: 'd',
  every_s: 60,
  complete_from: new Date(START).toISOString(),
  samples: minutes.map((minute) => ({ ...weather(minute), measured_at: new Date(START + minute * 60_000).toISOString() })),
})

test('what was kept is drawn by the minute, and broken where nothing was measured', () => {
  const winds = windsOf(kept(0, 1, 2, 9, 10))
  expect(winds.wind).toEqual([0, 1, 2, null, 9, 10])
  expect(winds.gust).toEqual([3, 4, 5, null, 12, 13])
  expect(winds.at.map((at) => (at * 1000 - START) / 60_000)).toEqual([0, 1, 2, 3, 9, 10])
})

test('what is heard goes on from there, no more often than it is wanted', () => {
  const first = heard(windsOf(kept(0)), START / 1000 + 60, weather(8), 60)
  expect(first.wind).toEqual([0, 8])
  expect(heard(first, START / 1000 + 100, weather(9), 60)).toBe(first)
})

test('a silent dock, and a measurement that has grown old, leave one gap', () => {
  const silent = heard(windsOf(kept(0)), START / 1000 + 60, null, 60)
  expect(silent.wind).toEqual([0, null])
  expect(heard(silent, START / 1000 + 120, weather(9, 600), 60)).toBe(silent)
  expect(heard(silent, START / 1000 + 180, weather(9), 60).wind).toEqual([0, null, 9])
  expect(heard(NO_WINDS, 0, null, 60)).toBe(NO_WINDS)
})

test('it stays bounded', () => {
  let winds = NO_WINDS
  for (let minute = 0; minute < 2_000; minute++) winds = heard(winds, minute * 60, weather(4), 60)
  expect(winds.at.length).toBeLessThan(1_700)
  expect(winds.at.at(-1)).toBe(1_999 * 60)
})
