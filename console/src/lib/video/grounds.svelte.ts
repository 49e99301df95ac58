/** The ground around the flights whose pictures are looked at: asked for when first needed, and when they have moved on. */
import { untrack } from 'svelte'
import { get } from '../api/client.ts'
import type { Point } from '../api/types.ts'
import { isOutdated, type Ground } from './ground.ts'

/** Not more often than this, whatever comes back. */
const EACH_MS = 4_000
const AFTER_FAILURE_MS = 15_000
/** The flights that somebody looks at at once are few. */
const KEPT = 4

export class Grounds {
  #known = $state.raw<ReadonlyMap<string, Ground>>(new Map())
  readonly #notBefore = new Map<string, number>()
  readonly #ask: (path: string) => Promise<Ground>

  constructor(ask: (path: string) => Promise<Ground>) {
    this.#ask = ask
  }

  /** Null while nothing is known. */
  of(flightId: string): Ground | null {
    return this.#known.get(flightId) ?? null
  }

  /** Somebody looks through this flight's camera: what is drawn of it needs the ground where it is now. */
  follow(flightId: string, aircraft: Point, scene: Point | null): void {
    untrack(() => {
      const known = this.of(flightId)
      const now = performance.now()
      if ((known !== null && !isOutdated(known, aircraft, scene)) || now < (this.#notBefore.get(flightId) ?? 0)) return
      this.#notBefore.set(flightId, now + EACH_MS)
      this.#ask(`/flights/${flightId}/ground`).then(
        (ground) => {
          const others = [...this.#known].filter(([id]) => id !== flightId)
          this.#known = new Map([...others, [flightId, ground] as const].slice(-KEPT))
        },
        () => this.#notBefore.set(flightId, performance.now() + AFTER_FAILURE_MS),
      )
    })
  }
}

export const grounds = new Grounds((path) => get<Ground>(path))
