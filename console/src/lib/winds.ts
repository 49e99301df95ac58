/** The wind at a dock over the last hours, for a plot: broken where nothing was measured. */
import type { DockWeather, Weather } from './api/types.ts'

export interface Winds {
  /** Unix seconds of the mission clock, ascending. */
  readonly at: readonly number[]
  readonly wind: readonly (number | null)[]
  readonly gust: readonly (number | null)[]
}

export const NO_WINDS: Winds = { at: [], wind: [], gust: [] }
/** A measurement older than this is none any more, seconds. */
export const STALE_S = 60
/** Samples that lie further apart than this share of their rhythm have a gap between them. */
const GAP = 2.5
/** Twelve hours by the minute, and what is heard meanwhile. */
const MOST = 1_600

/** What the dispatcher has kept. */
export function windsOf(kept: DockWeather): Winds {
  const [at, wind, gust]: [number[], (number | null)[], (number | null)[]] = [[], [], []]
  for (const sample of kept.samples) {
    const now = Date.parse(sample.measured_at) / 1000
    const last = at.at(-1)
    if (last !== undefined && now <= last) continue
    if (last !== undefined && now - last > GAP * kept.every_s) {
      at.push(last + kept.every_s)
      wind.push(null)
      gust.push(null)
    }
    at.push(now)
    wind.push(sample.wind_speed_m_s)
    gust.push(sample.gust_m_s)
  }
  return { at, wind, gust }
}

/** With what is heard now, at most once in `everyS`; a dock that is silent or measures nothing leaves a gap. */
export function heard(winds: Winds, nowS: number, weather: Weather | null, everyS: number): Winds {
  const last = winds.at.at(-1)
  if (last !== undefined && nowS - last < everyS) return winds
  const measured = weather !== null && weather.age_s <= STALE_S ? weather : null
  if (measured === null && (last === undefined || winds.wind.at(-1) === null)) return winds
  return {
    at: [...winds.at, nowS].slice(-MOST),
    wind: [...winds.wind, measured?.wind_speed_m_s ?? null].slice(-MOST),
    gust: [...winds.gust, measured?.gust_m_s ?? null].slice(-MOST),
  }
}
