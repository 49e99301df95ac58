/** Proposed launches as a line shows them: the one that ends first, and never another under a hand. */
import type { Incident, Proposal } from './api/types.ts'

/** The open ones, the first to end by itself first; not of the incident that is looked at, whose panel has its own. */
export function soonest(incidents: Iterable<Incident>, lookedAt: string | null): Proposal[] {
  return [...incidents]
    .filter((each) => each.status === 'open' && each.id !== lookedAt)
    .flatMap((each) => each.proposals ?? [])
    .filter((each) => each.launch && each.status === 'open')
    .sort((a, b) => ((a.launch?.answer_by ?? '') < (b.launch?.answer_by ?? '') ? -1 : 1))
}

export function standsFor(all: readonly Proposal[], shownId: string | null, held: boolean): Proposal | undefined {
  return held && shownId !== null ? all.find((each) => each.id === shownId) : all[0]
}
