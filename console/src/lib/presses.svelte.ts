/**
 * What was pressed, and what has become of it. A press is not done when it was sent, nor when it was taken: it is done
 * when the aircraft does it, and that is what the screen says.
 */
import { get, newKey, NotDelivered, Refused, send } from './api/client.ts'
import type { Command, Flight, Problem } from './api/types.ts'
import { say } from './glossary.ts'
import { live } from './live/store.svelte.ts'

export type PressState = 'sending' | 'asked' | 'checking' | 'confirmed' | 'refused' | 'unknown' | 'not_delivered'

export interface Press {
  readonly id: string
  /** What it is, with the callsign: "K4: hold". */
  readonly label: string
  readonly flightId: string | null
  state: PressState
  detail: string
  problem: Problem | null
  attempts: number
  commandId: string | null
  readonly atMs: number
  doneAtMs: number | null
}

/** After so long without an answer of the aircraft the screen says so and looks. */
export const ANSWER_WITHIN_MS = 4_000
/** A safety command is tried for as long as it could still be meant. */
export const SAFETY_FOR_MS = 60_000
export const PRESS_FOR_MS = 15_000
const KEEP_DONE_MS = 8_000

class Presses {
  list = $state<Press[]>([])

  constructor() {
    $effect.root(() => {
      $effect(() => {
        this.#look(live.flights, live.nowMs)
      })
    })
  }

  /** Those of one flight, the newest first. */
  of(flightId: string): Press[] {
    return this.list.filter((press) => press.flightId === flightId)
  }

  /** Give a command to a flight and follow it until the aircraft shows that it does it. */
  async command(flight: Flight, action: string, body: Record<string, unknown> = {}, safety = false): Promise<Press> {
    return this.run(`${flight.callsign}: ${say('action', action.replace('-', '_')).toLowerCase()}`, flight.id, async (press) => {
      const answer = await send<{ command?: Command }>('POST', `/flights/${flight.id}/${action}`, body, {
        key: press.id,
        forMs: safety ? SAFETY_FOR_MS : PRESS_FOR_MS,
        onAttempt: (attempt) => {
          press.attempts = attempt + 1
        },
      })
      press.commandId = answer.command?.id ?? null
    })
  }

  /** Any press: `act` returns once the dispatcher has taken it. */
  async run(label: string, flightId: string | null, act: (press: Press) => Promise<void>): Promise<Press> {
    const begun: Press = {
      id: newKey(),
      label,
      flightId,
      state: 'sending',
      detail: '',
      problem: null,
      attempts: 0,
      commandId: null,
      atMs: performance.now(),
      doneAtMs: null,
    }
    this.list = [
      begun,
      ...this.list.filter((each) => each.doneAtMs === null || performance.now() - each.doneAtMs < KEEP_DONE_MS),
    ].slice(0, 50)
    const press = this.list[0]
    if (press === undefined) throw new Error('a press that was put down is gone')
    try {
      await act(press)
      if (press.commandId === null) this.#end(press, 'confirmed', 'taken by the dispatcher')
      else press.state = 'asked'
    } catch (error) {
      if (error instanceof Refused) {
        press.problem = error.problem
        this.#end(press, 'refused', `${say('problem', error.slug)}: ${error.message}`)
      } else if (error instanceof NotDelivered) this.#end(press, 'not_delivered', 'not delivered: nobody answered')
      else throw error
    }
    return press
  }

  #look(flights: ReadonlyMap<string, Flight>, nowMs: number): void {
    for (const press of this.list) {
      if (press.commandId === null || press.doneAtMs !== null) continue
      const command = flights.get(press.flightId ?? '')?.commands?.find((each) => each.id === press.commandId)
      if (command && command.outcome !== 'pending') {
        this.#end(press, command.outcome, command.detail || say('outcome', command.outcome))
        continue
      }
      if (press.state === 'asked' && nowMs - press.atMs > ANSWER_WITHIN_MS) {
        press.state = 'checking'
        void this.#check(press)
      }
    }
  }

  async #check(press: Press): Promise<void> {
    try {
      const answer = await get<{ commands: Command[] }>(`/flights/${press.flightId ?? ''}/commands`)
      const command = answer.commands.find((each) => each.id === press.commandId)
      if (command && command.outcome !== 'pending') this.#end(press, command.outcome, command.detail)
    } catch {
      // The live view goes on telling; this was only a second look.
    }
  }

  #end(press: Press, state: PressState, detail: string): void {
    press.state = state
    press.detail = detail
    press.doneAtMs = performance.now()
  }
}

export const presses = new Presses()

export function pressText(press: Press, nowMs: number): string {
  switch (press.state) {
    case 'sending':
      return press.attempts > 1 ? `sending, attempt ${press.attempts}` : 'sending'
    case 'asked':
      return 'asked'
    case 'checking':
      return `asked, no answer for ${Math.round((nowMs - press.atMs) / 1000)} s; checking`
    case 'confirmed':
      return 'done'
    case 'refused':
      return press.detail
    case 'unknown':
      return `not known whether it was done${press.detail ? `: ${press.detail}` : ''}`
    case 'not_delivered':
      return 'NOT DELIVERED'
  }
}
