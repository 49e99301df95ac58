/**
 * One flight's picture (docs/reference/video.md): by WHEP, and where WebRTC cannot pass by a WebSocket and WebCodecs. It asks
 * for a ticket each time, comes back by itself, and says when the last picture was shown: a still picture is never taken for
 * a live one.
 */
import { backoffMs } from '../backoff.ts'
import { PictureAge, type Told } from './age.ts'

export interface Ticket {
  provider: string
  ticket: string
  whep_url: string
  socket_url: string | null
  ice_servers: RTCIceServer[]
}

export type PlayerState = 'off' | 'asking' | 'waiting' | 'live' | 'lost' | 'none'

export interface PlayerOptions {
  video: HTMLVideoElement
  canvas: HTMLCanvasElement
  /** A fresh ticket; null where there is no picture to be had, and no use in asking again soon. */
  ticket: () => Promise<Ticket | null>
  onState: (state: PlayerState, via: 'whep' | 'socket' | null) => void
  /** A picture was shown at this monotonic ms; its age then, in ms, and null where nobody can tell. */
  onPicture: (atMs: number, ageMs: number | null) => void
}

const FIRST_PICTURE_MS = 5_000
const QUIET_MS = 8_000
const NONE_AGAIN_MS = 15_000
const GATHER_MS = 1_500
/** How often the server is asked how old its pictures are; at first until it has sent one. */
const TELL_EACH_MS = 2_000
const TELL_FIRST_MS = 250

export class Player {
  readonly #options: PlayerOptions
  #running = 0
  #stop: () => void = () => undefined
  #whepWorks: boolean | null = null

  constructor(options: PlayerOptions) {
    this.#options = options
  }

  start(): void {
    void this.#run(++this.#running)
  }

  stop(): void {
    this.#running++
    this.#stop()
    this.#options.onState('off', null)
  }

  async #run(run: number): Promise<void> {
    for (let attempt = 0; run === this.#running; ) {
      this.#options.onState('asking', null)
      const began = performance.now()
      let wait = NONE_AGAIN_MS
      try {
        const ticket = await this.#options.ticket()
        if (run !== this.#running) return
        if (ticket === null) this.#options.onState('none', null)
        else {
          await this.#play(run, ticket)
          wait = backoffMs(attempt, Math.random)
        }
      } catch {
        wait = backoffMs(attempt, Math.random)
      }
      if (run !== this.#running) return
      if (wait !== NONE_AGAIN_MS) this.#options.onState('lost', null)
      attempt = performance.now() - began > 20_000 ? 0 : attempt + 1
      await pause(wait)
    }
  }

  async #play(run: number, ticket: Ticket): Promise<void> {
    const socketUrl = 'VideoDecoder' in globalThis ? ticket.socket_url : null
    if (this.#whepWorks !== false || socketUrl === null) {
      const shown = await this.#whep(run, ticket)
      this.#whepWorks = shown || (this.#whepWorks === true)
      if (shown || socketUrl === null) return
    }
    if (run === this.#running && socketUrl !== null) await this.#socket(run, ticket.ticket, socketUrl)
  }

  /** Until it ends; true when it had shown a picture. */
  async #whep(run: number, ticket: Ticket): Promise<boolean> {
    const { video, canvas } = this.#options
    const peer = new RTCPeerConnection({ iceServers: ticket.ice_servers })
    let session: string | null = null
    let shown = false
    const age = new PictureAge()
    const asking = new AbortController()
    try {
      return await new Promise<boolean>((resolve, reject) => {
        let last = performance.now()
        const watch = setInterval(() => {
          const quiet = performance.now() - last
          if (quiet > (shown ? QUIET_MS : FIRST_PICTURE_MS)) resolve(shown)
        }, 500)
        this.#stop = () => { resolve(shown) }
        const end = this.#stop
        peer.onconnectionstatechange = () => {
          if (['failed', 'closed', 'disconnected'].includes(peer.connectionState)) resolve(shown)
        }
        peer.ontrack = ({ track, receiver }) => {
          video.srcObject = new MediaStream([track])
          video.hidden = false
          canvas.hidden = true
          void video.play().catch(() => undefined)
          const onFrame = (now: number, frame: VideoFrameCallbackMetadata): void => {
            if (this.#stop !== end) return
            last = now
            if (!shown) this.#options.onState('live', 'whep')
            shown = true
            const rtpTimestamp = frame.rtpTimestamp ?? receiver.getSynchronizationSources()[0]?.rtpTimestamp
            const captured = frame.captureTime === undefined ? null : Math.max(0, now - frame.captureTime)
            this.#options.onPicture(now, (rtpTimestamp === undefined ? null : age.ofPicture(rtpTimestamp, now)) ?? captured)
            video.requestVideoFrameCallback(onFrame)
          }
          video.requestVideoFrameCallback(onFrame)
        }
        peer.addTransceiver('video', { direction: 'recvonly' })
        this.#offer(peer, ticket)
          .then((location) => {
            session = location
            last = performance.now()
            // A server of another make does not say it.
            if (location !== null && ticket.provider === 'kestrel') void this.#askAge(age, location, ticket.ticket, asking.signal)
            if (run === this.#running) this.#options.onState('waiting', 'whep')
          })
          .catch((error: unknown) => { reject(error instanceof Error ? error : new Error(String(error))) })
        this.#cleanup = () => { clearInterval(watch) }
      })
    } catch {
      return false
    } finally {
      this.#cleanup()
      asking.abort()
      peer.close()
      video.srcObject = null
      if (session !== null)
        void fetch(session, { method: 'DELETE', headers: { Authorization: `Bearer ${ticket.ticket}` }, keepalive: true }).catch(() => undefined)
    }
  }

  #cleanup: () => void = () => undefined

  /** Until it is told to stop. What was said once holds on: a server that is silent takes nothing back. */
  async #askAge(age: PictureAge, session: string, ticket: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const askedMs = performance.now()
      try {
        const headers = { Authorization: `Bearer ${ticket}` }
        const answer = await fetch(session, { headers, cache: 'no-store', signal: AbortSignal.any([signal, AbortSignal.timeout(4_000)]) })
        const answeredMs = performance.now()
        if (answer.ok) age.told((await answer.json()) as Told, askedMs, answeredMs)
      } catch {
        // Asked again.
      }
      await pause(age.known ? TELL_EACH_MS : TELL_FIRST_MS)
    }
  }

  async #offer(peer: RTCPeerConnection, ticket: Ticket): Promise<string | null> {
    await peer.setLocalDescription(await peer.createOffer())
    if (peer.iceGatheringState !== 'complete')
      await Promise.race([
        new Promise<void>((resolve) => {
          peer.addEventListener('icegatheringstatechange', () => {
            if (peer.iceGatheringState === 'complete') resolve()
          })
        }),
        pause(GATHER_MS),
      ])
    const answer = await fetch(ticket.whep_url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${ticket.ticket}` },
      body: peer.localDescription?.sdp ?? '',
      signal: AbortSignal.timeout(6_000),
    })
    if (answer.status !== 201) throw new Error(`no picture: ${answer.status}`)
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
    const location = answer.headers.get('location')
    return location === null ? null : new URL(location, ticket.whep_url).href
  }

  /** Until it ends: access units over a WebSocket, decoded here. */
  async #socket(run: number, ticket: string, url: string): Promise<void> {
    const { video, canvas } = this.#options
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    const paint = canvas.getContext('2d')
    const cameMs = new Map<number, number>()
    let serverMinusMine = 0
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (paint !== null && run === this.#running) {
          if (canvas.width !== frame.displayWidth) canvas.width = frame.displayWidth
          if (canvas.height !== frame.displayHeight) canvas.height = frame.displayHeight
          paint.drawImage(frame, 0, 0)
          video.hidden = true
          canvas.hidden = false
          const now = performance.now()
          const came = cameMs.get(frame.timestamp)
          for (const known of cameMs.keys()) if (known <= frame.timestamp) cameMs.delete(known)
          this.#options.onState('live', 'socket')
          this.#options.onPicture(now, came === undefined ? 0 : Math.max(0, now + serverMinusMine - came))
        }
        frame.close()
      },
      error: () => { socket.close() },
    })
    let ready = false
    try {
      await new Promise<void>((resolve) => {
        this.#stop = () => { resolve() }
        socket.onopen = () => {
          socket.send(JSON.stringify({ type: 'auth', ticket }))
          if (run === this.#running) this.#options.onState('waiting', 'socket')
        }
        socket.onclose = () => { resolve() }
        socket.onerror = () => { resolve() }
        socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
          if (typeof data === 'string') {
            const said = JSON.parse(data) as { type: string; codec?: string; server_time_ms?: number }
            if (said.server_time_ms !== undefined) serverMinusMine = said.server_time_ms - performance.now()
            if (said.type === 'format' && said.codec !== undefined) {
              decoder.configure({ codec: said.codec, optimizeForLatency: true })
              ready = false
            }
            return
          }
          const unit = readUnit(data)
          if (unit === null || decoder.state !== 'configured') return
          ready ||= unit.key
          if (!ready) return
          cameMs.set(unit.timestamp, unit.cameMs)
          decoder.decode(new EncodedVideoChunk({ type: unit.key ? 'key' : 'delta', timestamp: unit.timestamp, data: unit.data }))
        }
      })
    } finally {
      socket.onclose = null
      socket.close()
      if (decoder.state !== 'closed') decoder.close()
    }
  }
}

export interface Unit {
  key: boolean
  timestamp: number
  cameMs: number
  data: Uint8Array
}

/** A binary frame of the WebSocket: a header of 24 bytes, then one picture; null for a version that is not ours. */
export function readUnit(buffer: ArrayBuffer): Unit | null {
  if (buffer.byteLength <= 24) return null
  const head = new DataView(buffer)
  if (head.getUint8(0) !== 1) return null
  return {
    key: (head.getUint8(1) & 1) === 1,
    timestamp: Number(head.getBigUint64(8)),
    cameMs: Number(head.getBigUint64(16)) / 1000,
    data: new Uint8Array(buffer, 24),
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
