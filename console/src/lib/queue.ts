/** The queue's order, and the rules that it never moves under somebody's hand and never takes in a call unseen. */
import type { Incident } from './api/types.ts'
import type { Tone } from './states.ts'

type Graded = Pick<Incident, 'grade' | 'grade_rank'>

/** Of a call that no policy has judged yet: it stands before all others, lest it be one that cannot wait. */
const NOT_JUDGED = -1

/** Its grade's place in the force's policy, by the server: 0 is served first. */
export function gradeRank(incident: Graded): number {
  return incident.grade_rank ?? NOT_JUDGED
}

/** What cannot wait has a tone, and with it a shape; the rest is told apart by its words. */
export function gradeTone(incident: Graded): Tone {
  const rank = gradeRank(incident)
  return rank <= 0 ? 'danger' : rank === 1 ? 'warn' : 'off'
}

/** At most three letters for a badge: "1", "Imm", "P1"; of several words their beginnings, "Priority high" is "PH". */
export function gradeBadge(grade: string): string {
  const words = grade.split(/[\s_-]+/).filter((word) => word !== '')
  if (words.length < 2) return [...grade].slice(0, 3).join('')
  return words.slice(0, 3).map((word) => (/^\d/.test(word) ? word : ([...word][0] ?? '').toUpperCase())).join('').slice(0, 3)
}

export function byGradeAndAge(a: Incident, b: Incident): number {
  return gradeRank(a) - gradeRank(b) || compare(a.received_at, b.received_at) || compare(a.id, b.id)
}

/** Instants and ids are plain ASCII: far quicker than a comparison for people. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface QueueFilter {
  text: string
  show: 'waiting' | 'flying' | 'all'
}

/** Whether it is shown; `callsigns` are those of its flights. */
export function matches(incident: Incident, filter: QueueFilter, callsigns: readonly string[] = []): boolean {
  if (filter.show !== 'all' && incident.status !== 'open') return false
  if (filter.show === 'waiting' && incident.flight_id !== null) return false
  if (filter.show === 'flying' && incident.flight_id === null) return false
  const text = filter.text.trim().toLowerCase()
  if (text === '') return true
  return [incident.reference, incident.category, incident.summary, incident.grade, incident.address ?? '', ...callsigns]
    .join('\n')
    .toLowerCase()
    .includes(text)
}

/** What the list shows, and which of it came while nobody could have seen it come. */
export interface Placing {
  readonly order: readonly string[]
  readonly fresh: readonly string[]
}

export const NOTHING_PLACED: Placing = { order: [], fresh: [] }

/**
 * The order on the screen. While it is `held` (somebody's focus or pointer is in it, or it is scrolled) those that stand
 * keep their places: what has gone stays as a ghost, what is new comes at the end. Such a newcomer stays `fresh` until
 * somebody has looked at it (`seen`), also when the hand has gone: a grave call never slips in without a word.
 */
export function place(before: Placing, wanted: readonly string[], held: boolean, seen: ReadonlySet<string> = new Set()): Placing {
  const there = new Set(wanted)
  const standing = new Set(before.order)
  const added = held ? wanted.filter((id) => !standing.has(id)) : []
  const fresh = [...before.fresh, ...added].filter((id) => there.has(id) && !seen.has(id))
  const order = !held ? wanted : added.length === 0 ? before.order : [...before.order, ...added]
  return same(order, before.order) && same(fresh, before.fresh) ? before : { order, fresh }
}

const same = (a: readonly string[], b: readonly string[]): boolean => a === b || (a.length === b.length && a.every((each, i) => each === b[i]))

/** The notice of what came unseen: the gravest by name. Null while there is none. */
export function noticeOf(fresh: readonly Incident[]): { gravest: Incident; text: string } | null {
  const gravest = fresh.toSorted(byGradeAndAge)[0]
  if (gravest === undefined) return null
  const others = fresh.length === 1 ? '' : ` and ${fresh.length - 1} more`
  return { gravest, text: `New: ${gravest.grade}, ${gravest.category}${others}` }
}

/** A call waits so long for the policy's word before it is told without it, seconds of this console's clock. */
const JUDGED_WITHIN_MS = 2_000

/** Which calls are news. What was there when the console came to it is none. */
export class Newcomers {
  #told: Set<string> | null = null
  #unjudged = new Map<string, number>()

  /** Those that have come since the last look; one that is not judged yet waits a moment, so that its grade can be told. */
  look(incidents: ReadonlyMap<string, Incident>, nowMs: number): Incident[] {
    if (this.#told === null) {
      this.#told = new Set(incidents.keys())
      return []
    }
    const news: Incident[] = []
    for (const incident of incidents.values()) {
      if (this.#told.has(incident.id)) continue
      const since = this.#unjudged.get(incident.id) ?? nowMs
      if (gradeRank(incident) === NOT_JUDGED && nowMs - since < JUDGED_WITHIN_MS) {
        this.#unjudged.set(incident.id, since)
        continue
      }
      this.#unjudged.delete(incident.id)
      this.#told.add(incident.id)
      if (incident.status === 'open') news.push(incident)
    }
    if (this.#told.size > 2 * incidents.size + 100) this.#told = new Set([...this.#told].filter((id) => incidents.has(id)))
    return news.sort(byGradeAndAge)
  }
}
