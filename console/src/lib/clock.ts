/**
 * The server's mission clock as this console can know it: the last frame's time, carried on by a clock that nobody can
 * set. The machine's own wall clock may be an hour off and changes nothing here.
 */
interface Sample {
  missionMs: number
  monotonicMs: number
}

const WINDOW_MS = 20_000
const SHORTEST_MS = 2_000

export class ServerClock {
  #samples: Sample[] = []
  #rate = 1

  /** A frame said so just now. */
  observe(missionTime: string, monotonicMs: number): void {
    const missionMs = Date.parse(missionTime)
    if (Number.isNaN(missionMs)) return
    const last = this.#samples.at(-1)
    if (last && missionMs < last.missionMs) this.#samples = []
    this.#samples.push({ missionMs, monotonicMs })
    while (this.#samples.length > 2 && monotonicMs - (this.#samples[0]?.monotonicMs ?? 0) > WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]
    if (!first || monotonicMs - first.monotonicMs < SHORTEST_MS) return
    const measured = (missionMs - first.missionMs) / (monotonicMs - first.monotonicMs)
    const whole = Math.round(measured)
    // A simulation runs at a whole factor; what is near one is that one, and frames that came late.
    this.#rate = whole >= 1 && Math.abs(measured - whole) < 0.08 * whole ? whole : Math.max(0, measured)
  }

  /** Mission seconds per second. */
  get rate(): number {
    return this.#rate
  }

  /** True once a frame has told the time. */
  get known(): boolean {
    return this.#samples.length > 0
  }

  /** Mission time now, ms since 1970. */
  missionMs(monotonicMs: number): number {
    const last = this.#samples.at(-1)
    return last ? last.missionMs + (monotonicMs - last.monotonicMs) * this.#rate : Number.NaN
  }

  /** How long ago a mission instant was, seconds; never negative. */
  ageS(missionTime: string, monotonicMs: number): number {
    return Math.max(0, (this.missionMs(monotonicMs) - Date.parse(missionTime)) / 1000)
  }

  /** How long until a mission instant, seconds; negative once it is over. */
  untilS(missionTime: string, monotonicMs: number): number {
    return (Date.parse(missionTime) - this.missionMs(monotonicMs)) / 1000
  }
}
