/** What the small plots of the fleet page show: the wind of the last hours as the dispatcher kept it, and what is heard since. */
import { get } from './api/client.ts'
import type { DockWeather } from './api/types.ts'
import { live } from './live/store.svelte.ts'
import { heard, NO_WINDS, windsOf, type Winds } from './winds.ts'

export const EVERY_MS = 5_000
/** The rhythm of the wind, mission seconds: that of what was kept. */
const WIND_EVERY_S = 60
const MOST = 720

export interface Charge {
  /** Unix seconds of the mission clock. */
  readonly at: readonly number[]
  readonly percent: readonly (number | null)[]
}

const NO_CHARGE: Charge = { at: [], percent: [] }

class History {
  /** New lists each time: what is drawn is what was handed over, not what is being added to. */
  #charge = $state.raw<ReadonlyMap<string, Charge>>(new Map())
  #winds = $state.raw<ReadonlyMap<string, Winds>>(new Map())
  /** Docks of which the kept hours could not be had. */
  failed = $state.raw<ReadonlySet<string>>(new Set())

  /** Since this console began to look. */
  chargeOf(dockId: string): Charge {
    return this.#charge.get(dockId) ?? NO_CHARGE
  }

  windsOf(dockId: string): Winds {
    return this.#winds.get(dockId) ?? NO_WINDS
  }

  /** Begin looking; the answer ends it. What was missed since the last time is asked for. */
  run(): () => void {
    const abort = new AbortController()
    const asked = new Set<string>()
    const look = (): void => {
      if (!live.fresh || Number.isNaN(live.missionMs)) return
      void this.#ask([...live.docks.keys()].filter((id) => !asked.has(id)), asked, abort.signal)
      this.#sample()
    }
    look()
    const timer = setInterval(look, EVERY_MS)
    return () => {
      clearInterval(timer)
      abort.abort()
    }
  }

  /** One dock after the other: a page of plots is never in the way of a press. */
  async #ask(docks: readonly string[], asked: Set<string>, signal: AbortSignal): Promise<void> {
    for (const id of docks) asked.add(id)
    for (const id of docks) {
      if (signal.aborted) return
      try {
        const kept = await get<DockWeather>(`/docks/${id}/weather`, signal)
        this.#winds = new Map(this.#winds).set(id, windsOf(kept))
        this.failed = new Set([...this.failed].filter((each) => each !== id))
      } catch {
        if (signal.aborted) return
        // The plot begins with what is heard; it is asked for again with the next look.
        this.failed = new Set([...this.failed, id])
        asked.delete(id)
      }
    }
  }

  #sample(): void {
    const now = live.missionMs / 1000
    const [charge, winds] = [new Map(this.#charge), new Map(this.#winds)]
    for (const dock of live.docks.values()) {
      const before = charge.get(dock.id) ?? NO_CHARGE
      const percent = dock.agent.online ? (live.aircraft.get(dock.aircraft.id)?.battery_percent ?? dock.aircraft.battery_percent) : null
      if ((before.at.at(-1) ?? -Infinity) < now) charge.set(dock.id, { at: [...before.at.slice(-MOST), now], percent: [...before.percent.slice(-MOST), percent] })
      if (winds.has(dock.id) || this.failed.has(dock.id)) winds.set(dock.id, heard(winds.get(dock.id) ?? NO_WINDS, now, dock.agent.online ? dock.weather : null, WIND_EVERY_S))
    }
    this.#charge = charge
    this.#winds = winds
  }
}

export const past = new History()
