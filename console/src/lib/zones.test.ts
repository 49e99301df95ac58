import { expect, test } from 'vitest'
import { heightsOf, timesOf, zonesOf, type Volume } from './zones.ts'

const volume = (changes: Partial<Volume>): Volume => ({
  zone: 'EGR1', name: 'Prison', document: 'uk', drawn: false, restriction: 'prohibited', message: null, applies_now: true, periods: [],
  lower_m: null, lower_datum: null, upper_m: 120.4, upper_datum: 'agl', ...changes,
})

test('heights are told with what they are measured from', () => {
  expect(heightsOf(volume({}))).toBe('ground to 120 m above ground')
  expect(heightsOf(volume({ lower_m: 30, lower_datum: 'amsl', upper_m: null }))).toBe('30 m above sea level to no upper limit')
})

test('times are told, and a zone without any holds always', () => {
  expect(timesOf([])).toBe('always')
  expect(timesOf([{ start: null, end: '2026-01-31T12:00:00.000Z', daily: [{ days: ['mon', 'tue'], start: '08:00', end: '18:00' }] }])).toBe(
    'until 2026-01-31 12:00:00; mon tue 08:00 to 18:00',
  )
})

test('a zone of several volumes is one line with all its heights, and what was drawn for a time comes first', () => {
  const read = zonesOf([volume({}), volume({ upper_m: 60 }), volume({}), volume({ zone: 'd', name: 'Siege', document: 'drawn', drawn: true, applies_now: false })])
  expect(read.map((each) => each.name)).toEqual(['Siege', 'Prison'])
  expect(read[1]?.heights).toBe('ground to 120 m above ground; ground to 60 m above ground')
})
