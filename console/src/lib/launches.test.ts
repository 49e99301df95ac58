import { expect, test } from 'vitest'
import type { Incident, Proposal } from './api/types.ts'
import { soonest, standsFor } from './launches.ts'

const proposal = (id: string, answerBy: string, status = 'open'): Proposal => ({
  id, incident_id: 'i', flight_id: '', kind: 'launch', because: '', proposed_at: '', status,
  launch: { dock_id: 'd', callsign: id, decision_id: '', time_to_scene_s: 60, answer_by: answerBy, unanswered: 'withdrawn' },
})
const incident = (id: string, proposals: Proposal[]): Incident => ({ id, status: 'open', proposals }) as unknown as Incident

test('the launch that ends first is on the line, and none of the incident that is looked at', () => {
  const all = [incident('a', [proposal('K1', '12:02'), proposal('K2', '12:01')]), incident('b', [proposal('K3', '12:00')]), incident('c', [proposal('K4', '11:00', 'dismissed')])]
  expect(soonest(all, null).map((each) => each.id)).toEqual(['K3', 'K2', 'K1'])
  expect(soonest(all, 'b').map((each) => each.id)).toEqual(['K2', 'K1'])
})

test('under a pointer a button is never another launch: when its own is over there is none', () => {
  const [k1, k2] = [proposal('K1', '12:02'), proposal('K2', '12:01')]
  expect(standsFor([k2, k1], 'K1', true)?.id).toBe('K1')
  expect(standsFor([k2], 'K1', true)).toBeUndefined()
  expect(standsFor([k2, k1], 'K1', false)?.id).toBe('K2')
})
