/** Ages and ways as they are read at a glance. */
export { exact } from '../lib/format.ts'

/** Metres rounded as far as they are good for: 40 m, 250 m, 1.3 km. */
export function away(metres: number): string {
  if (metres >= 950) return `${(metres / 1000).toFixed(1)} km`
  return `${Math.round(metres / 10) * 10} m`
}
