import { expect, test } from 'vitest'
import { MARK_PATHS, MARK_SHAPES, markOf } from './marks.ts'

test('the first six flights differ in shape and in colour, and the first 36 in one of them', () => {
  const marks = Array.from({ length: 36 }, (_, mark) => markOf({ mark }))
  expect(new Set(marks.slice(0, 6).map((each) => each.shape)).size).toBe(6)
  expect(new Set(marks.slice(0, 6).map((each) => each.colour)).size).toBe(6)
  expect(new Set(marks.map((each) => each.name)).size).toBe(36)
})

test('a mark follows from the flight alone: not from which others are out, nor from the order of a list', () => {
  const flights = [{ mark: 4 }, { mark: 1 }, { mark: 9 }]
  const before = flights.map(markOf)
  expect(flights.slice(1).map(markOf)).toEqual(before.slice(1))
})

test('every shape can be drawn, and a server that gives none yet breaks nothing', () => {
  for (const shape of MARK_SHAPES) expect(MARK_PATHS[shape]).not.toBe('')
  expect(markOf({}).shape).toBe('circle')
})
