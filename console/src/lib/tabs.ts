/**
 * Between the tabs of one console in one browser: a tab that opens without a sign-in asks, one that has it gives it. It
 * goes over a BroadcastChannel, which only pages of this very origin hear, and is kept nowhere on the way.
 */
export type Heard =
  | { says: 'asked' }
  | { says: 'given'; token: string }
  | { says: 'renewed'; person: string; token: string }
  | { says: 'signed_out'; person: string }

const NAME = 'kestrel.session'

/** What has come, if it is one of ours. */
export function heardFrom(data: unknown): Heard | null {
  if (typeof data !== 'object' || data === null || !('says' in data)) return null
  const { says, token, person } = data as Record<string, unknown>
  if (says === 'asked') return { says }
  if (says === 'given' && typeof token === 'string') return { says, token }
  if (says === 'renewed' && typeof token === 'string' && typeof person === 'string') return { says, token, person }
  if (says === 'signed_out' && typeof person === 'string') return { says, person }
  return null
}

export class TabLine {
  #channel: BroadcastChannel | null
  #waits = false

  constructor(onHeard: (heard: Heard) => void) {
    this.#channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(NAME) : null
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const heard = heardFrom(data)
      if (heard === null) return
      // A token that nobody here has asked for is not taken.
      if (heard.says === 'given' && !this.#waits) return
      if (heard.says === 'given') this.#waits = false
      onHeard(heard)
    })
  }

  ask(): void {
    this.#waits = true
    this.#say({ says: 'asked' })
  }

  give(token: string): void {
    this.#say({ says: 'given', token })
  }

  renewed(person: string, token: string): void {
    this.#say({ says: 'renewed', person, token })
  }

  signedOut(person: string): void {
    this.#waits = false
    this.#say({ says: 'signed_out', person })
  }

  #say(what: Heard): void {
    this.#channel?.postMessage(what)
  }
}
