/** The live socket apart from I/O: frames in, the next world out (docs/reference/api.md, "The live socket"). */
import type { Aircraft, Cause, Deployment, Dock, Flight, Incident, Pilot } from '../api/types.ts'

export interface Kinds {
  incident: Incident
  flight: Flight
  aircraft: Aircraft
  pilot: Pilot
  dock: Dock
  cause: Cause
}
export type Kind = keyof Kinds
export type Entities = { readonly [K in Kind]: ReadonlyMap<string, Kinds[K]> }

export interface World extends Entities {
  readonly epoch: string | null
  readonly seq: number
  readonly deployment: Deployment
}

interface EntityFrame {
  kind: string
  id: string
  seq: number
  data: unknown
}

export type Frame =
  | { type: 'snapshot'; epoch: string; seq: number; deployment: Deployment; mission_time: string; entities: EntityFrame[] }
  | { type: 'resumed'; epoch: string; seq: number; deployment: Deployment; mission_time: string }
  | {
      type: 'changes'
      epoch: string
      seq: number
      mission_time: string
      changed: EntityFrame[]
      removed: { kind: string; id: string; seq: number }[]
    }
  | { type: 'tick'; seq: number; mission_time: string }

const KINDS: readonly Kind[] = ['incident', 'flight', 'aircraft', 'pilot', 'dock', 'cause']

export const NOTHING: World = {
  epoch: null,
  seq: 0,
  deployment: 'unknown',
  incident: new Map(),
  flight: new Map(),
  aircraft: new Map(),
  pilot: new Map(),
  dock: new Map(),
  cause: new Map(),
}

export function readFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text)
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return null
    return ['snapshot', 'resumed', 'changes', 'tick'].includes(String(frame.type)) ? (frame as Frame) : null
  } catch {
    return null
  }
}

export function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind)
}

/** The world after a frame. Maps that nothing happened to are the same objects as before. */
export function applyFrame(world: World, frame: Frame): World {
  switch (frame.type) {
    case 'tick':
      return world.seq === frame.seq ? world : { ...world, seq: frame.seq }
    case 'resumed':
      return { ...world, epoch: frame.epoch, seq: frame.seq, deployment: frame.deployment }
    case 'snapshot':
      return {
        ...changed(NOTHING, frame.entities, []),
        epoch: frame.epoch,
        seq: frame.seq,
        deployment: frame.deployment,
      }
    case 'changes':
      return { ...changed(world, frame.changed, frame.removed), epoch: frame.epoch, seq: frame.seq }
  }
}

function changed(world: World, put: readonly EntityFrame[], gone: readonly { kind: string; id: string }[]): World {
  const fresh: Partial<Record<Kind, Map<string, unknown>>> = {}
  const open = (kind: Kind): Map<string, unknown> => (fresh[kind] ??= new Map<string, unknown>(world[kind]))
  for (const { kind, id, data } of put) if (isKind(kind)) open(kind).set(id, data)
  for (const { kind, id } of gone) if (isKind(kind)) open(kind).delete(id)
  return { ...world, ...(fresh as Partial<Entities>) }
}
