/** Alarms as they are shown. What is one cause, how urgent it is and what is to be done is the server's word. */
import type { Cause } from './api/types.ts'
import type { Tone } from './states.ts'

/** The unseen first, then the gravest, then the newest. */
export function inOrder(causes: Iterable<Cause>): Cause[] {
  return [...causes].sort(
    (a, b) => Number(a.acknowledged) - Number(b.acknowledged) || a.priority - b.priority || (a.raised_at < b.raised_at ? 1 : -1),
  )
}

/** True while somebody has put it out of sight; what a server that is behind says of a time that has passed counts no more. */
export function isShelved(cause: Cause, missionMs: number): boolean {
  return cause.may_be_shelved && cause.shelf ? Date.parse(cause.shelf.until) > missionMs : false
}

export function toneOf(priority: number): Tone {
  return priority === 1 ? 'danger' : priority === 2 ? 'warn' : 'busy'
}
