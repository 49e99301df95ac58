/** Full jitter between 125 ms and 10 s: a thousand consoles that lost one server do not come back in one instant. */
export const FIRST_MS = 125
export const MOST_MS = 10_000

export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return FIRST_MS + random() * (ceiling - FIRST_MS)
}
