import { expect, test } from 'vitest'
import { comingOf, inOrder, isShelved, onTheLine, restOf, sorted } from './alarms.ts'
import type { Cause } from './api/types.ts'

const at = '2026-01-31T12:00:00.000Z'
const cause = (changes: Partial<Cause>): Cause => ({
  id: 'a', kind: 'charger', priority: 3, text: '', action: '', active: true, acknowledged: false, acknowledged_by: [], may_be_shelved: true,
  raised_at: at, alarm_ids: [], unacknowledged: [], dock_ids: [], flight_ids: [], ...changes,
})
const shelf = { by: 'controller-1', at, until: '2026-01-31T13:00:00.000Z', because: 'known' }

test('a shelf holds until its time, and never for what is a matter of safety', () => {
  const noon = Date.parse(at)
  expect(isShelved(cause({ shelf }), noon)).toBe(true)
  expect(isShelved(cause({ shelf }), noon + 3_600_000)).toBe(false)
  expect(isShelved(cause({ shelf: null }), noon)).toBe(false)
  expect(isShelved(cause({ shelf, may_be_shelved: false }), noon)).toBe(false)
})

test('the unseen come first, then the gravest, then the newest', () => {
  const order = inOrder([
    cause({ id: 'seen', acknowledged: true, priority: 1 }),
    cause({ id: 'low' }),
    cause({ id: 'new', priority: 2, raised_at: '2026-01-31T12:05:00.000Z' }),
    cause({ id: 'old', priority: 2 }),
  ])
  expect(order.map((each) => each.id)).toEqual(['new', 'old', 'low', 'seen'])
})

test('what lasts stands before what is over, however grave that was', () => {
  const order = inOrder([cause({ id: 'over', active: false, priority: 1 }), cause({ id: 'seen', acknowledged: true, priority: 1 }), cause({ id: 'lasts', priority: 3 })])
  expect(order.map((each) => each.id)).toEqual(['lasts', 'seen', 'over'])
})

test('a seen alarm that lasts stays in sight; those that are over are counted', () => {
  const alarms = sorted([cause({ id: 'seen', acknowledged: true, priority: 2 }), cause({ id: 'a', active: false, priority: 1 }), cause({ id: 'b', active: false }), cause({ id: 'put', shelf })], Date.parse(at))
  const line = onTheLine(alarms, null, false)
  expect(line?.id).toBe('seen')
  expect(restOf(alarms, line)).toBe('2 over, 1 shelved')
})

test('the line does not change under a hand, and what is gone makes room for no other there', () => {
  const [low, grave] = [cause({ id: 'low' }), cause({ id: 'grave', priority: 1 })]
  expect(onTheLine(sorted([low, grave], 0), 'low', true)?.id).toBe('low')
  expect(onTheLine(sorted([low, grave], 0), 'low', false)?.id).toBe('grave')
  expect(onTheLine(sorted([grave], 0), 'low', true)).toBeUndefined()
  expect(onTheLine(sorted([grave], 0), null, true)?.id).toBe('grave')
})

test('a cause that comes again is another coming of the same line', () => {
  expect(comingOf(cause({ came: 2 }))).not.toBe(comingOf(cause({ came: 1 })))
})
