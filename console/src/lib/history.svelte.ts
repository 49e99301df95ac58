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
        this.#series.set(dock.id, series)
        const last = series.at.at(-1)
        const at = live.missionMs / 1000
        if (last !== undefined && at <= last) continue
        const flown = live.aircraft.get(dock.aircraft.id)
        series.at.push(at)
        series.battery.push(flown?.battery_percent ?? dock.aircraft.battery_percent)
        series.wind.push(dock.weather?.wind_speed_m_s ?? null)
        series.gust.push(dock.weather?.gust_m_s ?? null)
        if (series.at.length > MOST) for (const list of [series.at, series.battery, series.wind, series.gust]) list.shift()
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
