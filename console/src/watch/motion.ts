/**
 * Does this tablet move? Whoever drives is shown no picture, and what nobody knows counts as driving. Pure: fixes in, an
 * answer out. The fixes stay on this device.
 */
import { distanceM } from '../lib/map/geometry.ts'

export interface Fix {
  lat_deg: number
  lon_deg: number
  accuracyM: number
  /** null where the device does not say. */
  speedMS: number | null
  /** Where it moves to, degrees from true north; null where the device does not say, as it does at rest. */
  headingDeg: number | null
  atMs: number
}

export type Motion = 'unknown' | 'moving' | 'rest'

const MOVES_FROM_M_S = 2
const REST_AFTER_MS = 5_000
const OLD_AFTER_MS = 10_000
const WINDOW_MS = 20_000
const SURE_M = 60

/** What the fixes so far say at this moment, the oldest first. */
export function motionOf(fixes: readonly Fix[], nowMs: number): Motion {
  const last = fixes.at(-1)
  if (last === undefined || nowMs - last.atMs > OLD_AFTER_MS) return 'unknown'
  const recent = fixes.filter((fix) => last.atMs - fix.atMs <= REST_AFTER_MS + 2_000)
  if (recent.some((fix) => (fix.speedMS ?? 0) >= MOVES_FROM_M_S)) return 'moving'
  const first = recent[0] ?? last
  const slack = Math.max(10, ...recent.map((fix) => fix.accuracyM))
  if (recent.some((fix) => distanceM(fix, last) > slack)) return 'moving'
  // Too short a look, or too vague a one, is no proof that it stands.
  if (last.atMs - first.atMs < REST_AFTER_MS || slack > SURE_M) return 'unknown'
  return 'rest'
}

/** Fixes that still matter, with one more. */
export function withFix(fixes: readonly Fix[], fix: Fix): Fix[] {
  return [...fixes.filter((each) => fix.atMs - each.atMs <= WINDOW_MS), fix]
}

/** Somebody's word that somebody else drives, and whether the vehicle has stood since. */
export interface Word {
  passenger: boolean
  stood: boolean
}

export const NO_WORD: Word = { passenger: false, stood: false }
export const PASSENGER: Word = { passenger: true, stood: false }

/** The word is good for one ride: whoever drives on after a stop may have changed seats, and is asked again. */
export function wordAt(word: Word, motion: Motion): Word {
  if (!word.passenger) return word
  if (motion === 'rest') return word.stood ? word : { passenger: true, stood: true }
  return motion === 'moving' && word.stood ? NO_WORD : word
}

/** Whoever drives, or may, gets no picture. */
export function isDriving(word: Word, motion: Motion): boolean {
  return !word.passenger && motion !== 'rest'
}

export interface Pointed {
  /** How far the arrow is turned on the screen, clockwise from up. */
  arrowDeg: number
  /** Where north is on the screen, clockwise from up. */
  northDeg: number
  /** What up on the screen is. */
  up: 'ahead' | 'north'
}

/** An arrow towards a course: turned with the device where it says which way it goes, else on a rose whose north is up. */
export function pointed(courseDeg: number, headingDeg: number | null): Pointed {
  const turn = (deg: number): number => ((deg % 360) + 360) % 360
  if (headingDeg === null) return { arrowDeg: turn(courseDeg), northDeg: 0, up: 'north' }
  return { arrowDeg: turn(courseDeg - headingDeg), northDeg: turn(-headingDeg), up: 'ahead' }
}
