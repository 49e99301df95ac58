/**
 * One live connection that comes back by itself. The first frame carries the token, never the URL; it resumes by epoch
 * and seq; a line that has gone quiet counts as gone, because a black-holed link never says that it is closed.
 */
import { backoffMs } from '../backoff.ts'
import { readFrame, type Frame } from './protocol.ts'

export type LinkState = 'connecting' | 'live' | 'lost' | 'signed_out' | 'forbidden' | 'closed'

export interface Socket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: (() => void) | null
}

export interface Surroundings {
  open(url: string): Socket
  now(): number
  random(): number
  after(ms: number, then: () => void): () => void
}

export interface LiveOptions {
  url: string
  token: () => string | null
  since: () => { epoch: string | null; seq: number }
  onFrame: (frame: Frame, atMs: number) => void
  onState: (state: LinkState, atMs: number) => void
}

/** The server says something at least every 2 s; past this the line counts as gone. */
export const QUIET_MS = 5_000
const CONNECT_MS = 5_000
export const HERE_MS = 2_500

export class LiveSocket {
  #options: LiveOptions
  #around: Surroundings
  #socket: Socket | null = null
  #attempt = 0
  #state: LinkState = 'closed'
  #stopWatch: () => void = () => undefined
  #stopRetry: () => void = () => undefined
  #stopHere: () => void = () => undefined
  #here = false

  constructor(options: LiveOptions, around: Surroundings) {
    this.#options = options
    this.#around = around
  }

  get state(): LinkState {
    return this.#state
  }

  start(): void {
    this.#attempt = 0
    this.#connect()
  }

  stop(): void {
    this.#stopRetry()
    this.#drop()
    this.#say('closed')
  }

  /** A pilot's console says every 2.5 s that somebody sits at it. */
  sayHere(on: boolean): void {
    this.#here = on
    this.#stopHere()
    if (on) this.#beat()
  }

  /** Try now rather than when the back-off is over. */
  hurry(): void {
    if (this.#state !== 'lost') return
    this.#stopRetry()
    this.#connect()
  }

  #beat(): void {
    if (!this.#here) return
    if (this.#state === 'live') this.#socket?.send('{"type":"here"}')
    this.#stopHere = this.#around.after(HERE_MS, () => {
      this.#beat()
    })
  }

  #connect(): void {
    const token = this.#options.token()
    if (token === null) {
      this.#say('signed_out')
      return
    }
    if (this.#state !== 'lost') this.#say('connecting')
    const socket = this.#around.open(this.#options.url)
    this.#socket = socket
    this.#watch(CONNECT_MS)
    socket.onopen = () => {
      const { epoch, seq } = this.#options.since()
      socket.send(JSON.stringify(epoch === null ? { type: 'auth', token } : { type: 'auth', token, epoch, seq }))
    }
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || typeof data !== 'string') return
      const frame = readFrame(data)
      if (frame === null) return
      this.#watch(QUIET_MS)
      this.#options.onFrame(frame, this.#around.now())
      if (this.#state !== 'live') {
        this.#attempt = 0
        this.#say('live')
      }
    }
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#ended(code)
    }
    socket.onerror = () => undefined
  }

  #watch(ms: number): void {
    this.#stopWatch()
    this.#stopWatch = this.#around.after(ms, () => {
      this.#ended(0)
    })
  }

  #ended(code: number): void {
    this.#drop()
    if (code === 4401) {
      this.#say('signed_out')
      return
    }
    if (code === 4403) {
      this.#say('forbidden')
      return
    }
    this.#say('lost')
    this.#stopRetry = this.#around.after(backoffMs(this.#attempt++, () => this.#around.random()), () => {
      this.#connect()
    })
  }

  #drop(): void {
    this.#stopWatch()
    const socket = this.#socket
    this.#socket = null
    if (socket) {
      socket.onclose = null
      socket.onmessage = null
      socket.close()
    }
  }

  #say(state: LinkState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onState(state, this.#around.now())
  }
}

export function browserSurroundings(): Surroundings {
  return {
    open: (url) => new WebSocket(url) as unknown as Socket,
    now: () => performance.now(),
    random: Math.random,
    after: (ms, then) => {
      const timer = setTimeout(then, ms)
      return () => {
        clearTimeout(timer)
      }
    },
  }
}
