import { expect, test } from 'vitest'
import type { Incident } from './api/types.ts'
import { byGradeAndAge, gradeBadge, gradeTone, matches, Newcomers, NOTHING_PLACED, noticeOf, place } from './queue.ts'

const incident = (id: string, rank: number | null, received: string, more: Partial<Incident> = {}): Incident => ({
  id, grade: `grade of rank ${rank ?? '?'}`, grade_rank: rank, received_at: received, source: 's', reference: `R-${id}`, category: 'robbery', summary: '', revision: 1, status: 'open',
  place: { lat_deg: 0, lon_deg: 0, radius_m: 0 }, reported_at: received, outcome: null, merged_into: null, flight_id: null, flight_ids: [], ...more,
})

test('graver first by the policy, whatever its words are, and of one grade the one that has waited longest', () => {
  const all = [
    incident('a', 1, '09:00', { grade: 'Priority high' }), incident('b', 0, '09:05', { grade: 'Sofort' }), incident('c', 0, '09:01', { grade: '9' }),
    incident('d', 3, '08:00', { grade: '1' }),
  ]
  expect(all.toSorted(byGradeAndAge).map((each) => each.id)).toEqual(['c', 'b', 'a', 'd'])
  expect(all.map(gradeTone)).toEqual(['warn', 'danger', 'danger', 'off'])
})

test('a call that no policy has judged yet stands before all others', () => {
  const all = [incident('a', 0, '09:00'), incident('b', null, '09:05')]
  expect(all.toSorted(byGradeAndAge).map((each) => each.id)).toEqual(['b', 'a'])
  expect(gradeTone(incident('b', null, '09:05'))).toBe('danger')
})

test('two grades of the same first word have badges of their own', () => {
  expect(['Priority high', 'Priority standard', 'Immediate', '1', 'Grade 2', 'P3'].map(gradeBadge)).toEqual(['PH', 'PS', 'Imm', '1', 'G2', 'P3'])
})

test('nothing moves under a hand: what is new comes at the end, what has gone keeps its place', () => {
  const shown = place(NOTHING_PLACED, ['a', 'b'], false)
  expect(shown).toEqual({ order: ['a', 'b'], fresh: [] })
  expect(place(shown, ['x', 'a'], true)).toEqual({ order: ['a', 'b', 'x'], fresh: ['x'] })
  expect(place(shown, ['b', 'a'], true)).toBe(shown)
  expect(place(shown, ['x', 'b', 'a'], false)).toEqual({ order: ['x', 'b', 'a'], fresh: [] })
})

test('what came under a hand stays noticed when it is looked at again and again, and when the hand has gone, until it is seen', () => {
  let now = place(NOTHING_PLACED, ['a'], false)
  for (let look = 0; look < 20; look++) now = place(now, ['x', 'a'], true)
  expect(now.fresh).toEqual(['x'])
  now = place(now, ['x', 'a'], false)
  expect(now).toEqual({ order: ['x', 'a'], fresh: ['x'] })
  expect(place(now, ['a'], false).fresh).toEqual([])
  expect(place(now, ['x', 'a'], false, new Set(['x'])).fresh).toEqual([])
})

test('the notice names the gravest, not the newest', () => {
  const grave = incident('g', 0, '09:00', { grade: 'Immediate', category: 'shots fired' })
  expect(noticeOf([incident('a', 3, '09:01'), grave, incident('b', 2, '09:02')])).toEqual({ gravest: grave, text: 'New: Immediate, shots fired and 2 more' })
  expect(noticeOf([])).toBeNull()
})

test('what is there at first is no news; what comes is told once, with its grade as the policy has it', () => {
  const known = new Newcomers()
  const first = incident('a', 0, '09:00')
  expect(known.look(new Map([['a', first]]), 0)).toEqual([])
  const unjudged = incident('b', null, '09:01')
  expect(known.look(new Map([['a', first], ['b', unjudged]]), 100)).toEqual([])
  const judged = incident('b', 1, '09:01')
  expect(known.look(new Map([['a', first], ['b', judged]]), 200)).toEqual([judged])
  expect(known.look(new Map([['a', first], ['b', judged]]), 300)).toEqual([])
})

test('a call that nobody ever judges is told all the same', () => {
  const known = new Newcomers()
  known.look(new Map(), 0)
  const unjudged = new Map([['b', incident('b', null, '09:01')]])
  expect(known.look(unjudged, 100)).toHaveLength(0)
  expect(known.look(unjudged, 2_200)).toHaveLength(1)
})

test('the filter looks at what is written, where it is, who flies there, and at whether a drone was sent', () => {
  const one = incident('a', 0, '09:00', { summary: 'Person on a Roof', flight_id: 'f', address: '14 High Street' })
  expect(matches(one, { text: 'roof', show: 'all' })).toBe(true)
  expect(matches(one, { text: 'high street', show: 'all' })).toBe(true)
  expect(matches(one, { text: 'k4', show: 'all' }, ['K4'])).toBe(true)
  expect(matches(one, { text: 'k5', show: 'all' }, ['K4'])).toBe(false)
  expect(matches(one, { text: 'river', show: 'all' })).toBe(false)
  expect(matches(one, { text: '', show: 'waiting' })).toBe(false)
  expect(matches(one, { text: '', show: 'flying' })).toBe(true)
})

test('five thousand are put in order, every one of them', () => {
  const many = Array.from({ length: 5000 }, (_, i) => incident(String((i * 7919) % 5000).padStart(5, '0'), i % 4, `0${i % 10}:00`))
  const ordered = many.toSorted(byGradeAndAge)
  expect(ordered).toHaveLength(5000)
  expect(ordered[0]?.grade_rank).toBe(0)
})
