/** Figures as they are read at a glance; what is not known is a dash, never a zero. */
export const DASH = '–'

/** A span as m:ss or h:mm:ss, from seconds. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (n: number): string => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

/** How old: "now", "8 s", "3 min", "2 h". */
export function age(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH
  if (seconds < 1) return 'now'
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

/** "0.4 s", "12 s", "3 min 5 s", "2 h 10 min": an age is never rounded to nothing. */
export function exact(seconds: number): string {
  if (!Number.isFinite(seconds)) return DASH
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** "now" or "8 s ago". */
export function ago(seconds: number | null | undefined): string {
  const text = age(seconds)
  return text === 'now' || text === DASH ? text : `${text} ago`
}

/** "fresh" or "8 s old". */
export function old(seconds: number | null | undefined): string {
  const text = age(seconds)
  return text === DASH ? DASH : text === 'now' ? 'fresh' : `${text} old`
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : `${Math.round(value)} %`
}

export function metres(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH
  return value >= 1000 ? `${(value / 1000).toFixed(1)} km` : `${Math.round(value)} m`
}

/** hh:mm:ss in UTC of an instant, the clock that the record uses. */
export function timeOfDay(instant: string | number | null | undefined): string {
  if (instant === null || instant === undefined) return DASH
  const at = new Date(instant)
  return Number.isNaN(at.getTime()) ? DASH : at.toISOString().slice(11, 19)
}

export function dateAndTime(instant: string | null | undefined): string {
  if (!instant) return DASH
  const at = new Date(instant)
  return Number.isNaN(at.getTime()) ? DASH : `${at.toISOString().slice(0, 10)} ${at.toISOString().slice(11, 19)}`
}

export function place(point: { lat_deg: number; lon_deg: number }): string {
  const ns = point.lat_deg >= 0 ? 'N' : 'S'
  const ew = point.lon_deg >= 0 ? 'E' : 'W'
  return `${Math.abs(point.lat_deg).toFixed(4)}° ${ns} ${Math.abs(point.lon_deg).toFixed(4)}° ${ew}`
}

const WINDS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'] as const

export function bearing(deg: number | null | undefined): string {
  return deg === null || deg === undefined ? DASH : (WINDS[Math.round((((deg % 360) + 360) % 360) / 45) % 8] ?? DASH)
}
