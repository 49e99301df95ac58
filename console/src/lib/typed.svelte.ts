/**
 * A line that somebody types and sends: it stays in its field until it is delivered, and sending the same words once
 * more is the same sending, so that an answer that was lost never makes it twice.
 */
import { newKey } from './api/client.ts'
import { presses, type Press } from './presses.svelte.ts'

export class Typed {
  text = $state('')
  sending = $state(false)
  #key: { of: string; key: string } | null = null

  get empty(): boolean {
    return this.text.trim() === ''
  }

  /** `act` returns once it is taken; `at` is where its outcome is shown. Null: there was nothing to send. */
  async send(label: string, at: string, act: (text: string, key: string) => Promise<void>): Promise<Press | null> {
    const text = this.text.trim()
    if (text === '' || this.sending) return null
    const { key } = (this.#key = this.#key?.of === text ? this.#key : { of: text, key: newKey() })
    this.sending = true
    try {
      const press = await presses.run(label, null, () => act(text, key), at)
      if (press.state === 'confirmed') {
        this.#key = null
        // What was written meanwhile is another line.
        if (this.text.trim() === text) this.text = ''
      }
      return press
    } finally {
      this.sending = false
    }
  }
}
