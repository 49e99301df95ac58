/**
 * What the dispatch button is about, and whether it has said so for long enough. A press is for what somebody has read:
 * a dock that was chosen and drops out is replaced by nobody, and what has only just changed is not pressed.
 */
import type { Decision, Option } from './api/types.ts'

/** What the button says must have stood so long before it can be pressed. */
export const SETTLED_MS = 400
/** An arrival that has moved by more than this says something else, mission seconds. */
export const OTHER_ARRIVAL_S = 15

export interface Target {
  /** What a press would send; undefined: nothing. */
  readonly option: Option | undefined
  /** The dock that somebody has chosen and that can go no more; its reasons, where the decision has some. */
  readonly fallen: { readonly dockId: string; readonly because: string } | null
}

/** True for what can be sent, if only with its warnings set aside. */
export function canGo(option: Option): boolean {
  return option.eligible || option.only_warnings === true
}

/** The dock that was chosen, or the best while nobody has chosen; never another one in the place of the chosen. */
export function targetOf(decision: Decision | null, chosen: string | null): Target {
  const options = decision?.options ?? []
  if (chosen === null || decision === null) return { option: options.find((each) => each.eligible) ?? options.find(canGo), fallen: null }
  const option = options.find((each) => each.dock_id === chosen)
  if (option && canGo(option)) return { option, fallen: null }
  return { option: undefined, fallen: { dockId: chosen, because: option?.reasons.map((each) => each.text).join('; ') || 'it is not among the docks any more' } }
}

/** What a press would do, and when it would be there. */
export interface Face {
  readonly does: string
  readonly arrivalS: number | null
}

export class Settling {
  #face: Face | null = null
  #sinceMs = Number.NEGATIVE_INFINITY

  /** Called whenever what the button says may have changed, and once more by the press itself; `nowMs` is monotonic. */
  look(face: Face, nowMs: number): void {
    if (this.#face !== null && same(this.#face, face)) return
    this.#face = face
    this.#sinceMs = nowMs
  }

  settled(nowMs: number): boolean {
    return this.#face !== null && nowMs - this.#sinceMs >= SETTLED_MS
  }
}

function same(a: Face, b: Face): boolean {
  if (a.does !== b.does) return false
  if (a.arrivalS === null || b.arrivalS === null) return a.arrivalS === b.arrivalS
  return Math.abs(a.arrivalS - b.arrivalS) <= OTHER_ARRIVAL_S
}
