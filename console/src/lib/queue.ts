/** The queue's order, and the rule that it never moves under somebody's hand. */
import type { Incident } from './api/types.ts'

const WORDS: Record<string, number> = { immediate: 1, emergency: 1, priority: 2, prompt: 2, soon: 2, scheduled: 3, routine: 3 }

/** Graver first, and of one grade the one that has waited longest. Grades are the force's words: figures count as such. */
export function gradeRank(grade: string): number {
  const figure = /\d+/.exec(grade)
  return figure ? Number(figure[0]) : (WORDS[grade.toLowerCase()] ?? 5)
}

export function byGradeAndAge(a: Incident, b: Incident): number {
  return (
    gradeRank(a.grade) - gradeRank(b.grade) ||
    compare(a.received_at, b.received_at) ||
    compare(a.id, b.id)
  )
}

/** Instants and ids are plain ASCII: far quicker than a comparison for people. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface QueueFilter {
  text: string
  show: 'waiting' | 'flying' | 'all'
}

export function matches(incident: Incident, filter: QueueFilter): boolean {
  if (filter.show !== 'all' && incident.status !== 'open') return false
  if (filter.show === 'waiting' && incident.flight_id !== null) return false
  if (filter.show === 'flying' && incident.flight_id === null) return false
  const text = filter.text.trim().toLowerCase()
  if (text === '') return true
  return `${incident.reference} ${incident.category} ${incident.summary} ${incident.grade}`.toLowerCase().includes(text)
}

/**
 * The order on the screen. While it is `held` (somebody's focus or pointer is in it) those that stand keep their places:
 * what has gone stays as a ghost, what is new comes at the end and is counted.
 */
export function arrange(
  shown: readonly string[],
  wanted: readonly string[],
  held: boolean,
): { order: readonly string[]; fresh: number } {
  if (!held) return { order: wanted, fresh: 0 }
  const standing = new Set(shown)
  const added = wanted.filter((id) => !standing.has(id))
  return { order: added.length === 0 ? shown : [...shown, ...added], fresh: added.length }
}
