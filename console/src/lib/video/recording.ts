/**
 * Recorded parts of a flight on the clock of the replay (docs/reference/video.md): media time `t` of a part is mission time
 * `mission_began_at + time_factor * t`. What is not there is a gap, and says so.
 */

export interface RecordedPart {
  part: number
  url: string
  mission_began_at: string
  time_factor: number
  duration_s: number
  complete: boolean
  because: string
  gaps: { at_s: number; lasts_s: number }[]
}

/** No picture: from and until when, in ms of the mission clock; an end that is not known is null. */
export interface Gap {
  kind: 'gap'
  fromMs: number | null
  untilMs: number | null
  because: string
}

export type Shown =
  /** The picture of this part at this media time. */
  | { kind: 'picture'; part: RecordedPart; atS: number }
  | Gap

/** The picture that is shown there may be this much away from the map, media seconds. */
export const STEP_S = 0.3

export function beganMs(part: RecordedPart): number {
  return Date.parse(part.mission_began_at)
}

export function endedMs(part: RecordedPart): number {
  return beganMs(part) + part.duration_s * part.time_factor * 1000
}

export function shownAt(parts: readonly RecordedPart[], missionMs: number): Shown {
  let before: RecordedPart | null = null
  for (const part of parts.toSorted((a, b) => beganMs(a) - beganMs(b))) {
    if (missionMs < beganMs(part))
      return { kind: 'gap', fromMs: before === null ? null : endedMs(before), untilMs: beganMs(part), because: before?.because ?? '' }
    if (missionMs <= endedMs(part)) {
      const atS = (missionMs - beganMs(part)) / 1000 / part.time_factor
      const pause = part.gaps.find((gap) => atS > gap.at_s && atS < gap.at_s + gap.lasts_s)
      if (pause === undefined) return { kind: 'picture', part, atS }
      const clock = (mediaS: number): number => beganMs(part) + mediaS * part.time_factor * 1000
      return { kind: 'gap', fromMs: clock(pause.at_s), untilMs: clock(pause.at_s + pause.lasts_s), because: 'no picture came' }
    }
    before = part
  }
  return { kind: 'gap', fromMs: before === null ? null : endedMs(before), untilMs: null, because: before?.because ?? '' }
}

/** Where the picture of a video element must be set, or null where it is in step. */
export function correction(shown: { atS: number }, currentS: number, playing: boolean): number | null {
  return Math.abs(currentS - shown.atS) > (playing ? STEP_S : 0.05) ? shown.atS : null
}

/** How fast a video must run so that it keeps step with a scrubber of this speed; browsers play 1/16 to 16 times as fast. */
export function rate(part: RecordedPart, speed: number): number {
  return Math.min(16, Math.max(1 / 16, speed / part.time_factor))
}
