/**
 * The mark of a flight: a shape and a colour that are its own for as long as it flies, the same on every screen. The
 * server gives its number when it is ordered; what state it is in has a colour and a shape of its own beside that.
 */
import type { Flight } from './api/types.ts'

export const MARK_SHAPES = ['circle', 'square', 'triangle', 'diamond', 'hexagon', 'star'] as const
export type MarkShape = (typeof MARK_SHAPES)[number]

/** Of the tokens `--mark-0` and on, apart for all common colour blindness. */
export const MARK_COLOURS = 6

export interface Mark {
  readonly shape: MarkShape
  /** A CSS colour, for both themes. */
  readonly colour: string
  /** "blue square", where only words can be. */
  readonly name: string
}

const NAMES = ['blue', 'orange', 'green', 'pink', 'yellow', 'white'] as const

/** Path of each shape in a box of 12 by 12. */
export const MARK_PATHS: Readonly<Record<MarkShape, string>> = {
  circle: 'M6 1.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6z',
  square: 'M1.5 1.5h9v9h-9z',
  triangle: 'M6 .8 11.6 11H.4z',
  diamond: 'M6 .3 11.7 6 6 11.7.3 6z',
  hexagon: 'M6 .5 11 3.2v5.6L6 11.5 1 8.8V3.2z',
  star: 'm6 .4 1.6 3.7 4 .3-3 2.6.9 3.9L6 8.8l-3.5 2.1.9-3.9-3-2.6 4-.3z',
}

/** The first six differ in shape and colour; no two of the first 36 are the same in both. */
export function markOf(flight: Pick<Flight, 'mark'>): Mark {
  const number = Math.max(0, Math.trunc(flight.mark ?? 0))
  const shape = MARK_SHAPES[number % MARK_SHAPES.length] ?? 'circle'
  const colour = (number + Math.floor(number / MARK_SHAPES.length)) % MARK_COLOURS
  return { shape, colour: `var(--mark-${colour})`, name: `${NAMES[colour] ?? ''} ${shape}` }
}
