/**
 * Answers to what is proposed. One that the dispatcher refuses has not happened and never looks as if it had: somebody
 * else was quicker, or a countdown was over, and the drone does what the person at this screen did not want.
 */
import { send } from './api/client.ts'
import { presses, type Press } from './presses.svelte.ts'

export type Answer = 'accept' | 'dismiss' | 'cancel'

/** For so long the words of a refusal stand beside where the question was: it itself may be gone at once. */
export const SAID_FOR_MS = 30_000

export class Answers {
  #last = $state<Press | null>(null)

  async give(proposalId: string, answer: Answer, label: string, flightId: string | null): Promise<Press> {
    this.#last = null
    const press = await presses.run(label, flightId, async (begun) => {
      await send('POST', `/proposals/${proposalId}/${answer}`, undefined, { key: begun.id })
    })
    this.#last = press
    return press
  }

  /** The last answer, if it did not take effect, until that is old news; `nowMs` is monotonic. */
  failed(nowMs: number): Press | null {
    const last = this.#last
    if (last === null || last.doneAtMs === null || last.state === 'confirmed') return null
    return nowMs - last.doneAtMs < SAID_FOR_MS ? last : null
  }
}
