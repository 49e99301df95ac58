import { expect, test } from 'vitest'
import { correction, rate, shownAt, type RecordedPart } from './recording.ts'

const START = Date.parse('2026-01-31T09:30:00.000Z')
const part = (number: number, atS: number, more: Partial<RecordedPart> = {}): RecordedPart => ({
  part: number, url: `/${number}.mp4`, mission_began_at: new Date(START + atS * 1000).toISOString(), time_factor: 1, duration_s: 60,
  complete: true, because: 'the camera\'s recording ended', gaps: [], ...more,
})

test('media time is mission time from the beginning of the part, times the factor', () => {
  expect(shownAt([part(1, 10)], START + 25_000)).toMatchObject({ kind: 'picture', atS: 15 })
  expect(shownAt([part(1, 10, { time_factor: 10 })], START + 25_000)).toMatchObject({ kind: 'picture', atS: 1.5 })
})

test('before, between and after the parts there is a gap with its times and its reason', () => {
  const parts = [part(2, 100), part(1, 10)]
  expect(shownAt(parts, START)).toEqual({ kind: 'gap', fromMs: null, untilMs: START + 10_000, because: '' })
  expect(shownAt(parts, START + 80_000)).toEqual({
    kind: 'gap', fromMs: START + 70_000, untilMs: START + 100_000, because: 'the camera\'s recording ended',
  })
  expect(shownAt(parts, START + 161_000)).toMatchObject({ kind: 'gap', fromMs: START + 160_000, untilMs: null })
  expect(shownAt([], START)).toEqual({ kind: 'gap', fromMs: null, untilMs: null, because: '' })
})

test('a pause of the stream inside a part is a gap too', () => {
  const paused = part(1, 0, { gaps: [{ at_s: 20, lasts_s: 5 }] })
  expect(shownAt([paused], START + 19_000)).toMatchObject({ kind: 'picture' })
  expect(shownAt([paused], START + 22_000)).toEqual({ kind: 'gap', fromMs: START + 20_000, untilMs: START + 25_000, because: 'no picture came' })
  expect(shownAt([paused], START + 25_000)).toMatchObject({ kind: 'picture', atS: 25 })
})

test('a picture that is out of step is set, one that is in step is left alone', () => {
  expect(correction({ atS: 10 }, 10.2, true)).toBeNull()
  expect(correction({ atS: 10 }, 10.4, true)).toBe(10)
  expect(correction({ atS: 10 }, 10.1, false)).toBe(10)
})

test('it runs as fast as the scrubber, as far as browsers can', () => {
  expect(rate(part(1, 0), 4)).toBe(4)
  expect(rate(part(1, 0, { time_factor: 10 }), 4)).toBe(0.4)
  expect(rate(part(1, 0, { time_factor: 100 }), 1)).toBe(1 / 16)
})
