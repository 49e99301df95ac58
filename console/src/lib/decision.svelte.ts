/** The ranked docks of the incident that is looked at, asked for anew when what they rest on has changed. */
import { get, Refused } from './api/client.ts'
import type { Decision } from './api/types.ts'

/** A decision older than this is asked for anew; each look is in the journal, so not more often than it is of use. */
export const OLD_MS = 20_000

class Decisions {
  current = $state<Decision | null>(null)
  askedAtMs = $state(0)
  asking = $state(false)
  failed = $state<string | null>(null)
  #incidentId: string | null = null
  #abort: AbortController | null = null

  async ask(incidentId: string): Promise<void> {
    this.#abort?.abort()
    const abort = (this.#abort = new AbortController())
    if (this.#incidentId !== incidentId) {
      this.current = null
      this.#incidentId = incidentId
    }
    this.asking = true
    this.failed = null
    try {
      const decision = await get<Decision>(`/incidents/${incidentId}/options`, abort.signal)
      if (abort.signal.aborted) return
      this.current = decision
      this.askedAtMs = performance.now()
    } catch (error) {
      if (abort.signal.aborted) return
      this.failed = error instanceof Refused ? error.message : 'no answer from the dispatcher'
    } finally {
      if (this.#abort === abort) this.asking = false
    }
  }

  clear(): void {
    this.#abort?.abort()
    this.#incidentId = null
    this.current = null
    this.failed = null
    this.asking = false
  }
}

export const decisions = new Decisions()
