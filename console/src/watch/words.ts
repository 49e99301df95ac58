/** Ages and ways as they are read at a glance. */
import { DASH } from '../lib/format.ts'

/** "0.4 s", "12 s", "3 min 5 s", "2 h 10 min": an age is never rounded to nothing. */
export function exact(seconds: number): string {
  if (!Number.isFinite(seconds)) return DASH
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Metres rounded as far as they are good for: 40 m, 250 m, 1.3 km. */
export function away(metres: number): string {
  if (metres >= 950) return `${(metres / 1000).toFixed(1)} km`
  return `${Math.round(metres / 10) * 10} m`
}
