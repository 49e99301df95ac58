/** Alarms as they are shown. What is one cause, how urgent it is and what is to be done is the server's word. */
import type { Cause } from './api/types.ts'
import type { Tone } from './states.ts'

/** What lasts before what is over, the unseen before the seen, then the gravest, then the newest. */
export function inOrder(causes: Iterable<Cause>): Cause[] {
  return [...causes].sort(
    (a, b) =>
      Number(b.active) - Number(a.active) ||
      Number(a.acknowledged) - Number(b.acknowledged) ||
      a.priority - b.priority ||
      (a.raised_at < b.raised_at ? 1 : -1),
  )
}

/** True while somebody has put it out of sight; what a server that is behind says of a time that has passed counts no more. */
export function isShelved(cause: Cause, missionMs: number): boolean {
  return cause.may_be_shelved && cause.shelf ? Date.parse(cause.shelf.until) > missionMs : false
}

export function toneOf(priority: number): Tone {
  return priority === 1 ? 'danger' : priority === 2 ? 'warn' : 'busy'
}

export interface Alarms {
  /** What lasts and is in sight, the first to be answered first. */
  lasting: Cause[]
  /** Over, and nobody has said yet that they have seen it. */
  over: Cause[]
  shelved: Cause[]
}

export function sorted(causes: Iterable<Cause>, missionMs: number): Alarms {
  const [lasting, over, shelved]: [Cause[], Cause[], Cause[]] = [[], [], []]
  for (const cause of inOrder(causes)) (isShelved(cause, missionMs) ? shelved : cause.active ? lasting : over).push(cause)
  return { lasting, over, shelved }
}

/** The one that the line shows: under a hand it stays the one that it was, and when that is gone it is none, never another. */
export function onTheLine(alarms: Alarms, shownId: string | null, held: boolean): Cause | undefined {
  if (held && shownId !== null) return [...alarms.lasting, ...alarms.over].find((cause) => cause.id === shownId)
  return alarms.lasting[0] ?? alarms.over[0]
}

/** "2 more, 5 over, 1 shelved": what the line does not show, in words. */
export function restOf(alarms: Alarms, line: Cause | undefined): string {
  const [more, over] = [alarms.lasting.filter((cause) => cause !== line).length, alarms.over.filter((cause) => cause !== line).length]
  return [
    ...(more > 0 ? [`${more} more`] : []),
    ...(over > 0 ? [`${over} over`] : []),
    ...(alarms.shelved.length > 0 ? [`${alarms.shelved.length} shelved`] : []),
  ].join(', ')
}

/** Each coming of a cause is heard once. */
export function comingOf(cause: Cause): string {
  return `${cause.id} ${cause.came ?? 1}`
}
