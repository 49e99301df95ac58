import { expect, test } from 'vitest'
import { PictureAge } from './age.ts'

const SERVER = 1_790_000_000_000
/** The server's clock against this page's monotonic one. */
const AHEAD = SERVER - 5_000
const told = (atMs: number, rtp: number, cameMs: number) => ({ server_time_ms: AHEAD + atMs, picture: { rtp_timestamp: rtp, came_ms: AHEAD + cameMs } })

test('a picture that was sent three seconds before it is shown is three seconds old', () => {
  const age = new PictureAge()
  age.told(told(10_000, 900_000, 9_980), 9_990, 10_010)
  // Shown now: the one that came 3 s before the newest.
  expect(age.ofPicture(900_000 - 3 * 90_000, 10_020)).toBeCloseTo(3_040, 6)
  expect(age.ofPicture(900_000, 10_020)).toBeCloseTo(40, 6)
})

test('timestamps that wrap are one clock', () => {
  const age = new PictureAge()
  age.told(told(1_000, 2 ** 32 - 9_000, 1_000), 1_000, 1_000)
  // 18000 ticks later, 200 ms.
  expect(age.ofPicture(9_000, 1_500)).toBeCloseTo(300, 6)
  age.told(told(2_000, 9_000, 2_000), 2_000, 2_000)
  expect(age.ofPicture(2 ** 32 - 9_000, 2_000)).toBeCloseTo(200, 6)
})

test('the quickest answer tells the clock: a slow one spoils nothing', () => {
  const age = new PictureAge()
  age.told(told(1_000, 0, 1_000), 995, 1_005)
  // On its way back for 2 s: half of that would be a second too much.
  age.told(told(3_000, 180_000, 3_000), 3_000, 5_000)
  expect(age.ofPicture(180_000, 5_000)).toBeCloseTo(2_000, 6)
})

test('nothing is known before the server has said of a picture, and no age is below zero', () => {
  const age = new PictureAge()
  expect(age.ofPicture(0, 0)).toBeNull()
  age.told({ server_time_ms: AHEAD, picture: null }, 0, 0)
  expect(age.known).toBe(false)
  expect(age.ofPicture(0, 0)).toBeNull()
  age.told(told(1_000, 0, 1_000), 1_000, 1_000)
  expect(age.ofPicture(90_000, 1_000)).toBe(0)
})
