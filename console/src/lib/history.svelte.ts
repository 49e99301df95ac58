/** What the docks have measured since this console was opened, one sample each 5 s, for small plots. */
import { live } from './live/store.svelte.ts'

export const EVERY_MS = 5_000
const MOST = 720

export interface Series {
  /** Unix seconds of the mission clock. */
  at: number[]
  battery: (number | null)[]
  wind: (number | null)[]
  gust: (number | null)[]
}

class History {
  /** Counts samples, for who draws. */
  samples = $state(0)
  #series = new Map<string, Series>()

  of(dockId: string): Series {
    return this.#series.get(dockId) ?? { at: [], battery: [], wind: [], gust: [] }
  }

  /** Begin sampling; the answer ends it. */
  run(): () => void {
    const sample = (): void => {
      if (!live.fresh || Number.isNaN(live.missionMs)) return
      for (const dock of live.docks.values()) {
        const series = this.#series.get(dock.id) ?? { at: [], battery: [], wind: [], gust: [] }
        const last = series.at.at(-1)
        const at = live.missionMs / 1000
        if (last !== undefined && at <= last) continue
        const flown = live.aircraft.get(dock.aircraft.id)
        // New lists each time: what is drawn is what was handed over, not what is being added to.
        this.#series.set(dock.id, {
          at: [...series.at.slice(-MOST), at],
          battery: [...series.battery.slice(-MOST), flown?.battery_percent ?? dock.aircraft.battery_percent],
          wind: [...series.wind.slice(-MOST), dock.weather?.wind_speed_m_s ?? null],
          gust: [...series.gust.slice(-MOST), dock.weather?.gust_m_s ?? null],
        })
      }
      this.samples++
    }
    sample()
    const timer = setInterval(sample, EVERY_MS)
    return () => {
      clearInterval(timer)
    }
  }
}

export const history_ = new History()
