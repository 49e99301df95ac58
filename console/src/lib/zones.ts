/** Zones as somebody reads them before a shift: each by name, with when and between which heights it holds. */
import { DASH, dateAndTime } from './format.ts'

export interface Volume {
  zone: string
  name: string
  document: string
  drawn: boolean
  restriction: string
  message: string | null
  applies_now: boolean
  periods: { start: string | null; end: string | null; daily: { days: string[]; start: string | null; end: string | null }[] }[]
  lower_m: number | null
  lower_datum: string | null
  upper_m: number | null
  upper_datum: string | null
}

export interface ZoneRead {
  key: string
  name: string
  document: string
  drawn: boolean
  restriction: string
  message: string
  now: boolean
  heights: string
  times: string
}

const DATUM: Record<string, string> = { agl: 'above ground', amsl: 'above sea level', wgs84: 'above the ellipsoid' }

function height(value: number | null, datum: string | null, none: string): string {
  return value === null ? none : `${Math.round(value)} m ${DATUM[(datum ?? '').toLowerCase()] ?? datum ?? ''}`.trim()
}

export function heightsOf(volume: Pick<Volume, 'lower_m' | 'lower_datum' | 'upper_m' | 'upper_datum'>): string {
  return `${height(volume.lower_m, volume.lower_datum, 'ground')} to ${height(volume.upper_m, volume.upper_datum, 'no upper limit')}`
}

export function timesOf(periods: Volume['periods']): string {
  if (periods.length === 0) return 'always'
  return periods
    .map(({ start, end, daily }) => {
      const span = start === null && end === null ? '' : `${start ? `from ${dateAndTime(start)}` : ''}${end ? ` until ${dateAndTime(end)}` : ''}`.trim()
      const days = daily.map((each) => `${each.days.join(' ') || 'daily'} ${each.start ?? DASH} to ${each.end ?? DASH}`).join(', ')
      return [span, days].filter((each) => each !== '').join('; ') || 'always'
    })
    .join('; or ')
}

/** One line for each zone, whatever its volumes: what was drawn for a time first, then what holds now, then by name. */
export function zonesOf(volumes: readonly Volume[]): ZoneRead[] {
  const found = new Map<string, ZoneRead>()
  for (const each of volumes) {
    const key = `${each.document}\n${each.zone}`
    const known = found.get(key)
    const heights = heightsOf(each)
    if (known === undefined)
      found.set(key, {
        key, name: each.name || each.zone, document: each.document, drawn: each.drawn, restriction: each.restriction, message: each.message ?? '', now: each.applies_now,
        heights, times: timesOf(each.periods),
      })
    else if (!known.heights.split('; ').includes(heights)) known.heights += `; ${heights}`
  }
  return [...found.values()].sort((a, b) => Number(b.drawn) - Number(a.drawn) || Number(b.now) - Number(a.now) || a.name.localeCompare(b.name))
}
