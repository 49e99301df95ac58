import { expect, test } from 'vitest'
import type { Incident } from './api/types.ts'
import { arrange, byGradeAndAge, gradeRank, matches } from './queue.ts'

const incident = (id: string, grade: string, received: string, more: Partial<Incident> = {}): Incident => ({
  id, grade, received_at: received, source: 's', reference: `R-${id}`, category: 'robbery', summary: '', revision: 1, status: 'open',
  place: { lat_deg: 0, lon_deg: 0, radius_m: 0 }, reported_at: received, outcome: null, merged_into: null, flight_id: null, flight_ids: [], ...more,
})

test('graver first, and of one grade the one that has waited longest', () => {
  const all = [incident('a', '2', '09:00'), incident('b', '1', '09:05'), incident('c', '1', '09:01'), incident('d', 'routine', '08:00')]
  expect(all.toSorted(byGradeAndAge).map((each) => each.id)).toEqual(['c', 'b', 'a', 'd'])
  expect(gradeRank('Grade 1')).toBe(gradeRank('immediate'))
})

test('nothing moves under a hand: what is new comes at the end, what has gone keeps its place', () => {
  expect(arrange(['a', 'b'], ['x', 'a'], true)).toEqual({ order: ['a', 'b', 'x'], fresh: 1 })
  const shown = ['a', 'b']
  expect(arrange(shown, ['b', 'a'], true).order).toBe(shown)
  expect(arrange(shown, ['x', 'b', 'a'], false)).toEqual({ order: ['x', 'b', 'a'], fresh: 0 })
})

test('the filter looks at what is written, and at whether a drone was sent', () => {
  const one = incident('a', '1', '09:00', { summary: 'Person on a Roof', flight_id: 'f' })
  expect(matches(one, { text: 'roof', show: 'all' })).toBe(true)
  expect(matches(one, { text: 'river', show: 'all' })).toBe(false)
  expect(matches(one, { text: '', show: 'waiting' })).toBe(false)
  expect(matches(one, { text: '', show: 'flying' })).toBe(true)
})

test('five thousand are put in order, every one of them', () => {
  const many = Array.from({ length: 5000 }, (_, i) => incident(String((i * 7919) % 5000).padStart(5, '0'), String(1 + (i % 4)), `0${i % 10}:00`))
  const ordered = many.toSorted(byGradeAndAge)
  expect(ordered).toHaveLength(5000)
  expect(gradeRank(ordered[0]?.grade ?? '')).toBe(1)
})
