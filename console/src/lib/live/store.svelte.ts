/** What is known now, for every screen: the live world, how old it is, and a clock that ticks for ages. */
import { ServerClock } from '../clock.ts'
import { session } from '../session.svelte.ts'
import { applyFrame, NOTHING, type Frame, type World } from './protocol.ts'
import { browserSurroundings, LiveSocket, type LinkState } from './socket.ts'

/** After so long without a frame a figure on the screen is marked as old, though the line may still be up. */
export const STALE_MS = 2_600
/** And after so long the console counts as cut off. */
export const CUT_OFF_MS = 2 * STALE_MS

class Live {
  world = $state.raw<World>(NOTHING)
  link = $state<LinkState>('closed')
  /** Monotonic ms of the last frame, and the wall time that this machine showed then. */
  lastFrameMs = $state(0)
  lastFrameWall = $state<Date | null>(null)
  /** Monotonic ms, four times a second: what ages are reckoned with. */
  nowMs = $state(performance.now())
  readonly clock = new ServerClock()
  #socket: LiveSocket | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  silentMs = $derived(this.lastFrameMs === 0 ? 0 : Math.max(0, this.nowMs - this.lastFrameMs))
  /** True while what the screen shows is what is. */
  fresh = $derived(this.link === 'live' && this.silentMs < STALE_MS)
  /** True when the console has been cut off after it had been live once. */
  cutOff = $derived(this.lastFrameMs > 0 && (this.link === 'lost' || this.silentMs > CUT_OFF_MS))

  incidents = $derived(this.world.incident)
  flights = $derived(this.world.flight)
  aircraft = $derived(this.world.aircraft)
  docks = $derived(this.world.dock)
  pilots = $derived(this.world.pilot)
  causes = $derived(this.world.cause)
  /** NaN until a frame has told the time. */
  missionMs = $derived(this.clock.missionMs(this.nowMs))
  /** Mission seconds per second. */
  rate = $derived(this.nowMs > 0 ? this.clock.rate : 1)

  start(): void {
    this.stop()
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`
    this.#socket = new LiveSocket(
      {
        url,
        token: () => session.token,
        since: () => ({ epoch: this.world.epoch, seq: this.world.seq }),
        onFrame: (frame, at) => {
          this.#take(frame, at)
        },
        onState: (state) => {
          this.link = state
        },
      },
      browserSurroundings(),
    )
    this.#timer = setInterval(() => {
      this.nowMs = performance.now()
    }, 250)
    this.#socket.start()
    addEventListener('online', this.#hurry)
    document.addEventListener('visibilitychange', this.#hurry)
  }

  stop(): void {
    this.#socket?.stop()
    this.#socket = null
    clearInterval(this.#timer)
    removeEventListener('online', this.#hurry)
    document.removeEventListener('visibilitychange', this.#hurry)
    this.world = NOTHING
    this.lastFrameMs = 0
  }

  /** Another token of the same person: what is known stays, and goes on from there. */
  renew(): void {
    this.#socket?.stop()
    this.#socket?.start()
  }

  sayHere(on: boolean): void {
    this.#socket?.sayHere(on)
  }

  #hurry = (): void => {
    if (document.visibilityState === 'visible') this.#socket?.hurry()
  }

  #take(frame: Frame, at: number): void {
    this.clock.observe(frame.mission_time, at)
    this.world = applyFrame(this.world, frame)
    this.lastFrameMs = at
    this.lastFrameWall = new Date()
    this.nowMs = at
  }

  /** Seconds since a mission instant. */
  ageS(missionTime: string): number {
    return this.clock.ageS(missionTime, this.nowMs)
  }

  /** Seconds until a mission instant; it stands still once the console is cut off: nobody knows then what comes true. */
  untilS(missionTime: string): number {
    return this.clock.untilS(missionTime, Math.min(this.nowMs, this.lastFrameMs + CUT_OFF_MS))
  }
}

export const live = new Live()
