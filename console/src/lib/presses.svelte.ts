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
  /** Where it was pressed, and so where its outcome is shown: a flight's id, or a name of the place. */
  readonly at: string
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
/** What was done is said for so long; what was not stays until it is pressed again, or is old news. */
export const DONE_SAID_MS = 20_000
export const FAILED_SAID_MS = 600_000
const KEEP = 200

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

  /** The last one that was pressed there, while its outcome is worth saying; `nowMs` is monotonic. */
  last(at: string, nowMs: number): Press | null {
    const press = this.list.find((each) => each.at === at)
    return press !== undefined && isSaid(press, nowMs) ? press : null
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

  /**
   * Any press: `act` returns once the dispatcher has taken it. Its outcome must be shown where it was pressed: `at`
   * names the place for `Outcome.svelte`.
   */
  async run(label: string, flightId: string | null, act: (press: Press) => Promise<void>, at: string = flightId ?? label): Promise<Press> {
    const begun: Press = {
      id: newKey(),
      label,
      flightId,
      at,
      state: 'sending',
      detail: '',
      problem: null,
      attempts: 0,
      commandId: null,
      atMs: performance.now(),
      doneAtMs: null,
    }
    const nowMs = performance.now()
    this.list = [begun, ...this.list.filter((each) => isSaid(each, nowMs))].slice(0, KEEP)
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
      else this.#end(press, 'unknown', error instanceof Error ? error.message : String(error))
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

/** True while it is under way, or its outcome is news. */
export function isSaid(press: Press, nowMs: number): boolean {
  return press.doneAtMs === null || nowMs - press.doneAtMs < (press.state === 'confirmed' ? DONE_SAID_MS : FAILED_SAID_MS)
}

/** True for what did not happen, or of which nobody knows. */
export function hasFailed(press: Press): boolean {
  return press.state === 'refused' || press.state === 'unknown' || press.state === 'not_delivered'
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

/** A press about a flight that is done once the dispatcher has taken it. */
export function post(flight: Flight, label: string, path: string, body?: Record<string, unknown>): Promise<Press> {
  return presses.run(`${flight.callsign}: ${label}`, flight.id, async (press) => {
    await send('POST', `/flights/${flight.id}/${path}`, body, { key: press.id })
  })
}
