import { expect, test } from 'vitest'
import { isDriving, motionOf, NO_WORD, PASSENGER, pointed, withFix, wordAt, type Fix, type Motion } from './motion.ts'

const fix = (s: number, changes: Partial<Fix> = {}): Fix => ({ lat_deg: 52.4, lon_deg: -1.5, accuracyM: 8, speedMS: null, headingDeg: null, atMs: s * 1000, ...changes })
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

const after = (...motions: Motion[]) => motions.reduce(wordAt, PASSENGER)

test('a passenger sees the picture on the move, until the car has stood and drives on: then it is asked again', () => {
  expect(isDriving(after('unknown', 'moving', 'moving'), 'moving')).toBe(false)
  expect(isDriving(after('moving', 'rest'), 'rest')).toBe(false)
  expect(isDriving(after('moving', 'rest', 'unknown'), 'unknown')).toBe(false)
  expect(isDriving(after('moving', 'rest', 'unknown', 'moving'), 'moving')).toBe(true)
})

test('without a word only who stands sees the picture, and nobody’s word is made of nothing', () => {
  expect([isDriving(NO_WORD, 'unknown'), isDriving(NO_WORD, 'moving'), isDriving(NO_WORD, 'rest')]).toEqual([true, true, false])
  expect(wordAt(wordAt(NO_WORD, 'rest'), 'moving')).toEqual(NO_WORD)
})

test('the arrow turns with the car where its course is known, and else stands on a rose whose north is up', () => {
  expect(pointed(90, null)).toEqual({ arrowDeg: 90, northDeg: 0, up: 'north' })
  // Going east, what lies to the north-east is ahead on the left.
  expect(pointed(45, 90)).toEqual({ arrowDeg: 315, northDeg: 270, up: 'ahead' })
})
