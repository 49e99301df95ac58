import { expect, test } from 'vitest'
import { applyFrame, NOTHING, readFrame, type Frame } from './protocol.ts'

const entity = (kind: string, id: string, seq: number, data: object = {}): { kind: string; id: string; seq: number; data: object } => ({ kind, id, seq, data })
const snapshot: Frame = {
  type: 'snapshot',
  epoch: 'e',
  seq: 5,
  deployment: 'simulation',
  mission_time: '2026-01-31T09:30:00.000Z',
  entities: [entity('incident', 'i', 1, { grade: '1' }), entity('dock', 'd', 2), entity('weather-front', 'w', 3)],
}

test('a snapshot replaces all that was known, and kinds that are newer than the console are passed over', () => {
  const before = applyFrame(NOTHING, { ...snapshot, entities: [entity('dock', 'gone', 1)] })
  const world = applyFrame(before, snapshot)
  expect([...world.dock.keys()]).toEqual(['d'])
  expect(world.incident.get('i')).toEqual({ grade: '1' })
  expect([world.epoch, world.seq, world.deployment]).toEqual(['e', 5, 'simulation'])
})

test('changes put, replace and remove, and leave untouched kinds the same objects', () => {
  const before = applyFrame(NOTHING, snapshot)
  const world = applyFrame(before, {
    type: 'changes',
    epoch: 'e',
    seq: 8,
    mission_time: '2026-01-31T09:30:01.000Z',
    changed: [entity('incident', 'j', 7)],
    removed: [{ kind: 'incident', id: 'i', seq: 8 }],
  })
  expect([...world.incident.keys()]).toEqual(['j'])
  expect(world.dock).toBe(before.dock)
  expect(before.incident.has('i')).toBe(true)
  expect(world.seq).toBe(8)
})

test('resumed keeps what is there', () => {
  const before = applyFrame(NOTHING, snapshot)
  const world = applyFrame(before, { type: 'resumed', epoch: 'e', seq: 5, deployment: 'simulation', mission_time: '' })
  expect(world.dock).toBe(before.dock)
})

test('what is no frame is none', () => {
  expect(readFrame('nonsense')).toBeNull()
  expect(readFrame('{"type":"hello"}')).toBeNull()
  expect(readFrame('null')).toBeNull()
})
