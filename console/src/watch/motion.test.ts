import { expect, test } from 'vitest'
import { motionOf, withFix, type Fix } from './motion.ts'

const fix = (s: number, changes: Partial<Fix> = {}): Fix => ({ lat_deg: 52.4, lon_deg: -1.5, accuracyM: 8, speedMS: null, atMs: s * 1000, ...changes })
const east = (m: number): number => -1.5 + m / 67_900

test('nobody knows before there is a fix, and no more when the last one is old', () => {
  expect(motionOf([], 0)).toBe('unknown')
  expect(motionOf([fix(0), fix(6)], 17_000)).toBe('unknown')
})

test('a speed of its own that is a car’s is moving at once', () => {
  expect(motionOf([fix(0, { speedMS: 9 })], 0)).toBe('moving')
})

test('without a speed it moves when it is somewhere else', () => {
  const fixes = [0, 2, 4, 6].map((s) => fix(s, { lon_deg: east(13 * s) }))
  expect(motionOf(fixes, 6_000)).toBe('moving')
})

test('it stands only after it has been seen to stand for five seconds', () => {
  expect(motionOf([fix(0), fix(2)], 2_000)).toBe('unknown')
  expect(motionOf([fix(0), fix(2), fix(4), fix(6)], 6_000)).toBe('rest')
})

test('a car that has just stopped still counts as moving', () => {
  const fixes = [fix(0, { speedMS: 12 }), fix(2, { speedMS: 0 }), fix(4, { speedMS: 0 })]
  expect(motionOf(fixes, 4_000)).toBe('moving')
})

test('fixes that are vague prove nothing', () => {
  expect(motionOf([0, 2, 4, 6].map((s) => fix(s, { accuracyM: 400 })), 6_000)).toBe('unknown')
})

test('old fixes are forgotten', () => {
  expect(withFix([fix(0), fix(15)], fix(30)).map((each) => each.atMs)).toEqual([15_000, 30_000])
})
