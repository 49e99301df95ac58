/** All that the officers' page knows, and how old it is: from the live socket while there is one, else as it was kept. */
import { newKey } from '../lib/api/client.ts'
import { backoffMs } from '../lib/backoff.ts'
import { ServerClock } from '../lib/clock.ts'
import { applyFrame, NOTHING, type Frame, type World } from '../lib/live/protocol.ts'
import { browserSurroundings, LiveSocket, type LinkState } from '../lib/live/socket.ts'
import type { Deployment, Incident, Note } from '../lib/api/types.ts'
import { forgetAll, isOver, keepData, keptData, keptForS, keptPicture, type Kept, type KeptPicture } from './kept.ts'
import { deviceKey, exchange, forgetToken, LinkOver, takeToken, type Session } from './link.ts'
import { isDriving, motionOf, NO_WORD, PASSENGER, withFix, wordAt, type Fix, type Word } from './motion.ts'
import { sceneOf } from './scene.ts'

/** Older than this, and a value is marked as old. */
export const STALE_S = 2
const KEEP_EACH_MS = 4_000
const LINK_OVER = 4410
const SIGNED_OUT = 4401

export type Over = { slug: string; title: string; detail: string }

export interface Sending {
  key: string
  text: string
  state: 'sending' | 'sent' | 'failed'
  why: string
}

class WatchStore {
  over = $state.raw<Over | null>(null)
  session = $state.raw<Session | null>(null)
  world = $state.raw<World>(NOTHING)
  link = $state<LinkState>('closed')
  /** Monotonic ms, five times a second. */
  nowMs = $state(performance.now())
  lastDataMs = $state<number | null>(null)
  lastAttemptMs = $state<number | null>(null)
  kept = $state.raw<Kept | null>(null)
  keptPicture = $state.raw<KeptPicture | null>(null)
  /** This device's clock, for what was kept by that clock. */
  deviceMs = $state(Date.now())
  fixes = $state.raw<readonly Fix[]>([])
  positionRefused = $state(false)
  word = $state.raw<Word>(NO_WORD)
  sending = $state.raw<readonly Sending[]>([])
  readonly clock = new ServerClock()

  #token: string | null = null
  #socket: LiveSocket | null = null
  #attempt = 0
  #keptAtMs = 0
  #serverWall = { wallMs: 0, monotonicMs: 0 }
  #timers: ReturnType<typeof setInterval>[] = []
  #retry: ReturnType<typeof setTimeout> | undefined
  #viewed = new Set<string>()

  /** Seconds since the server last said anything; null: not in this visit. */
  silentS = $derived(this.lastDataMs === null ? null : Math.max(0, this.nowMs - this.lastDataMs) / 1000)
  attemptS = $derived(this.lastAttemptMs === null ? null : Math.max(0, this.nowMs - this.lastAttemptMs) / 1000)
  live = $derived(this.link === 'live' && this.silentS !== null && this.silentS <= STALE_S + 0.6)
  /** True while nothing has come in this visit, and what is shown is what was kept before it. */
  offline = $derived(this.lastDataMs === null && this.kept !== null)
  keptS = $derived(this.kept === null ? null : keptForS(this.kept, this.deviceMs))

  incident = $derived<Incident | null>([...this.world.incident.values()][0] ?? null)
  scene = $derived(sceneOf(this.incident, this.world.flight.values(), this.world.aircraft))
  missionMs = $derived(this.clock.missionMs(this.nowMs))
  deployment = $derived<Deployment>(
    this.world.deployment === 'unknown' ? ((this.session?.deployment ?? this.kept?.deployment ?? 'unknown') as Deployment) : this.world.deployment,
  )
  /** Seconds of real time since the aircraft was where it is shown. */
  positionS = $derived.by(() => {
    const seen = this.scene.aircraft
    if (seen === null || !this.clock.known) return null
    return seen.position_age_s + this.clock.ageS(seen.mission_time, this.nowMs) / Math.max(1, this.clock.rate)
  })
  lastLine = $derived<Note | null>((this.incident?.notes ?? []).findLast((note) => note.origin === 'control') ?? null)
  me = $derived(this.fixes.at(-1) ?? null)
  motion = $derived(motionOf(this.fixes, this.nowMs))
  driving = $derived(isDriving(this.word, this.motion))

  start(): void {
    this.#token = this.#takeToken()
    this.#restore()
    this.#timers.push(setInterval(() => { this.#tick() }, 200))
    addEventListener('online', this.#hurry)
    addEventListener('hashchange', this.#another)
    document.addEventListener('visibilitychange', this.#hurry)
    if (this.#token === null) this.over = { slug: 'no-link', title: 'No link', detail: 'Open the link that the control room has sent you.' }
    else void this.#open()
  }

  stop(): void {
    this.#timers.forEach(clearInterval)
    this.#timers = []
    clearTimeout(this.#retry)
    this.#socket?.stop()
    removeEventListener('online', this.#hurry)
    removeEventListener('hashchange', this.#another)
    document.removeEventListener('visibilitychange', this.#hurry)
  }

  /** One tap: tried for a minute until the control room has it, and then it says that it has not. */
  async note(text: string, again?: string): Promise<void> {
    const key = again ?? newKey()
    // What was said of one incident is never told of another, whichever link is opened meanwhile.
    const incidentId = this.#incidentId
    const said = (state: Sending['state'], why = ''): void => {
      this.sending = [...this.sending.filter((each) => each.key !== key), { key, text, state, why }].slice(-4)
    }
    said('sending')
    const until = performance.now() + 60_000
    for (let attempt = 0; performance.now() < until && this.over === null && this.#incidentId === incidentId; attempt++) {
      try {
        const answer = await this.#ask('POST', `/incidents/${incidentId}/notes`, { text }, key)
        if (answer.ok) {
          said('sent')
          return
        }
        if (answer.status !== 401 && answer.status !== 429 && answer.status < 500) {
          const problem = (await answer.json().catch(() => ({}))) as { detail?: string }
          said('failed', problem.detail ?? '')
          return
        }
      } catch {
        // Nobody answered: again, a little later.
      }
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random)))
    }
    if (this.#incidentId === incidentId) said('failed', 'Not delivered: tap to try again, or use the radio')
  }

  /** Somebody else drives: good for this ride. */
  isPassenger(): void {
    this.word = PASSENGER
  }

  drives(): void {
    this.word = NO_WORD
  }

  dismiss(key: string): void {
    this.sending = this.sending.filter((each) => each.key !== key)
  }

  /** A request with the session, for the picture; raises when nobody answers. */
  ask = (method: string, path: string, body?: unknown): Promise<Response> => this.#ask(method, path, body)

  /** Own position, for this device alone: asked for when somebody wants it. */
  usePosition(): void {
    const look = (): void => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          this.positionRefused = false
          this.fixes = withFix(this.fixes, {
            lat_deg: coords.latitude,
            lon_deg: coords.longitude,
            accuracyM: coords.accuracy,
            speedMS: coords.speed,
            headingDeg: coords.heading === null || Number.isNaN(coords.heading) ? null : coords.heading,
            atMs: performance.now(),
          })
        },
        (error) => { this.positionRefused = error.code === error.PERMISSION_DENIED },
        { enableHighAccuracy: true, maximumAge: 0, timeout: 8_000 },
      )
    }
    look()
    this.#timers.push(setInterval(look, 2_000))
  }

  /** Seconds until a mission instant, of real time. */
  untilS(instant: string | null): number | null {
    if (instant === null || !this.clock.known) return null
    return this.clock.untilS(instant, this.nowMs) / Math.max(1, this.clock.rate)
  }

  /** Seconds since a mission instant, of real time. */
  sinceS(instant: string): number | null {
    return this.clock.known ? this.clock.ageS(instant, this.nowMs) / Math.max(1, this.clock.rate) : null
  }

  get #incidentId(): string {
    return this.session?.incidentId ?? this.incident?.id ?? ''
  }

  #takeToken(): string | null {
    return takeToken(location, () => { history.replaceState(null, '', '/watch/') }, localStorage)
  }

  /** Another link, opened in the same tab: nothing of the last one stays, and whatever becomes of it is said. */
  #another = (): void => {
    const token = this.#takeToken()
    if (token === null || (token === this.#token && this.over === null)) return
    this.#forget()
    this.#token = token
    this.over = null
    void this.#open()
  }

  #forget(): void {
    this.#socket?.stop()
    this.#socket = null
    clearTimeout(this.#retry)
    this.#attempt = 0
    this.#viewed.clear()
    this.session = null
    this.world = NOTHING
    this.link = 'closed'
    this.lastDataMs = null
    this.kept = null
    this.keptPicture = null
    this.sending = []
    this.word = NO_WORD
    forgetAll(localStorage)
  }

  async #open(): Promise<void> {
    if (this.#token === null || this.over !== null) return
    this.lastAttemptMs = performance.now()
    const token = this.#token
    try {
      const session = await exchange(token, deviceKey(localStorage, (bytes) => crypto.getRandomValues(bytes)))
      if (token !== this.#token) return
      this.session = session
    } catch (error) {
      if (token !== this.#token) return
      if (error instanceof LinkOver) {
        this.#end(error)
        return
      }
      if (this.link !== 'lost') this.link = 'lost'
      this.#retry = setTimeout(() => { void this.#open() }, backoffMs(this.#attempt++, Math.random))
      return
    }
    this.#attempt = 0
    this.#serverWall = { wallMs: Date.parse(this.session.wallTime), monotonicMs: performance.now() }
    if (this.incident !== null && this.incident.id !== this.session.incidentId) this.world = NOTHING
    this.#socket?.stop()
    this.#connect()
  }

  #connect(): void {
    const around = browserSurroundings()
    this.#socket = new LiveSocket(
      {
        url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`,
        token: () => this.session?.token ?? null,
        since: () => ({ epoch: this.lastDataMs === null ? null : this.world.epoch, seq: this.world.seq }),
        onFrame: (frame, at) => { this.#take(frame, at) },
        onState: (state) => { this.#state(state) },
      },
      {
        ...around,
        open: (url) => {
          this.lastAttemptMs = performance.now()
          const socket = new WebSocket(url)
          socket.addEventListener('close', ({ code }) => {
            // Withdrawn, or over: the exchange says which, and in which words.
            if (code === LINK_OVER || code === SIGNED_OUT) this.#reopen()
          })
          return socket as unknown as ReturnType<typeof around.open>
        },
      },
    )
    this.#socket.start()
  }

  #reopen(): void {
    this.#socket?.stop()
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => { void this.#open() }, 0)
  }

  #state(state: LinkState): void {
    if (state === 'signed_out' || state === 'closed') return
    this.link = state === 'forbidden' ? 'lost' : state
  }

  #take(frame: Frame, at: number): void {
    this.clock.observe(frame.mission_time, at)
    const before = this.lastDataMs === null && frame.type !== 'snapshot' ? NOTHING : this.world
    this.world = applyFrame(before, frame)
    this.lastDataMs = at
    this.nowMs = at
    if (at - this.#keptAtMs > KEEP_EACH_MS) this.#keep(at)
    this.#say()
  }

  /** That this flight is looked at, and why, once a visit. */
  #say(): void {
    const flight = this.scene.flight
    if (flight === null || this.session === null || this.#viewed.has(flight.id)) return
    this.#viewed.add(flight.id)
    this.#ask('POST', `/flights/${flight.id}/views`, { what: 'flight', reason: this.session.reason }).catch(() => {
      this.#viewed.delete(flight.id)
    })
  }

  #keep(at: number): void {
    const session = this.session
    if (session === null || this.incident === null || !this.clock.known) return
    this.#keptAtMs = at
    this.kept = {
      version: 1,
      incident: this.incident,
      flights: [...this.world.flight.values()],
      aircraft: [...this.world.aircraft.values()],
      deployment: this.deployment,
      givenTo: session.givenTo,
      forceName: session.forceName,
      linkExpiresWall: session.linkExpiresWall,
      serverWallMs: this.#serverWall.wallMs + (at - this.#serverWall.monotonicMs),
      missionMs: this.clock.missionMs(at),
      deviceMs: Date.now(),
    }
    keepData(this.kept, localStorage)
  }

  #restore(): void {
    const kept = keptData(localStorage)
    if (kept === null) return
    if (isOver(kept, Date.now())) {
      forgetAll(localStorage)
      return
    }
    this.kept = kept
    this.keptPicture = keptPicture(localStorage)
    this.world = {
      ...NOTHING,
      incident: new Map([[kept.incident.id, kept.incident]]),
      flight: new Map(kept.flights.map((flight) => [flight.id, flight])),
      aircraft: new Map(kept.aircraft.map((aircraft, i) => [String(i), aircraft])),
      deployment: kept.deployment as Deployment,
    }
    // The kept moment, carried on by the time that has passed on this device since.
    const passed = keptForS(kept, Date.now())
    if (passed !== null) this.clock.observe(new Date(kept.missionMs + passed * 1000).toISOString(), performance.now())
  }

  #end(why: LinkOver): void {
    this.#forget()
    forgetToken(localStorage)
    this.over = { slug: why.slug, title: why.title, detail: why.message }
  }

  #tick(): void {
    this.nowMs = performance.now()
    this.deviceMs = Date.now()
    this.word = wordAt(this.word, this.motion)
    if (this.lastDataMs === null && this.kept !== null && isOver(this.kept, this.deviceMs))
      this.#end(new LinkOver('link-expired', 'This link has expired', 'Ask the control room for a new one.'))
  }

  #hurry = (): void => {
    if (document.visibilityState !== 'visible') return
    if (this.session === null && this.over === null) {
      clearTimeout(this.#retry)
      void this.#open()
    } else this.#socket?.hurry()
  }

  async #ask(method: string, path: string, body?: unknown, key?: string): Promise<Response> {
    this.lastAttemptMs = performance.now()
    return fetch(`/api/v1${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${this.session?.token ?? ''}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(6_000),
    })
  }
}

export const watch = new WatchStore()
