/** The one picture of this page: the player's state, and how old what is shown is. */
import { Player, type PlayerState, type Ticket } from '../lib/video/player.ts'
import type { Ground } from '../lib/video/ground.ts'
import { Grounds } from '../lib/video/grounds.svelte.ts'
import { keepPicture, keptForS } from './kept.ts'
import { watch } from './watch.svelte.ts'

const KEEP_EACH_MS = 5_000
const KEPT_WIDTH = 640
const UNTOLD_MS = 1_500

class PictureStore {
  state = $state<PlayerState>('off')
  via = $state<'whep' | 'socket' | null>(null)
  shownMs = $state<number | null>(null)
  /** Null where nobody can tell how old it was when it was shown. */
  shownAgeMs = $state<number | null>(null)
  #player: Player | null = null
  #keptAtMs = 0
  #firstMs = $state<number | null>(null)

  /** Seconds since what is shown was the case; null: nothing is shown, or nobody can tell. */
  ageS = $derived.by(() => {
    if (this.shownMs !== null) return this.shownAgeMs === null ? null : Math.max(0, watch.nowMs - this.shownMs + this.shownAgeMs) / 1000
    return watch.keptPicture === null ? null : keptForS(watch.keptPicture, watch.deviceMs)
  })

  /** Something is shown, and for longer than it takes to ask nobody has said how old it is. */
  ageless = $derived(this.shownMs !== null && this.shownAgeMs === null && this.#firstMs !== null && watch.nowMs - this.#firstMs > UNTOLD_MS)

  start(flightId: string, video: HTMLVideoElement, canvas: HTMLCanvasElement): void {
    this.stop()
    const player = new Player({
      video,
      canvas,
      ticket: () => this.#ticket(flightId),
      onState: (state, via) => {
        if (this.#player !== player) return
        this.state = state
        this.via = via
      },
      onPicture: (atMs, ageMs) => {
        if (this.#player !== player) return
        this.#firstMs ??= atMs
        this.shownMs = atMs
        this.shownAgeMs = ageMs
        // A picture whose age nobody knows is not kept: it would be shown with a wrong one.
        if (ageMs !== null && atMs - this.#keptAtMs > KEEP_EACH_MS) this.#keep(video.hidden ? canvas : video, atMs, ageMs)
      },
    })
    this.#player = player
    player.start()
  }

  stop(): void {
    this.#player?.stop()
    this.#player = null
    this.state = 'off'
    this.shownMs = null
    this.#firstMs = null
  }

  async #ticket(flightId: string): Promise<Ticket | null> {
    const answer = await watch.ask('POST', `/flights/${flightId}/video`, { reason: 'attending' })
    if (answer.ok) return (await answer.json()) as Ticket
    // No video here at all, or none for this flight: there is no use in asking each second.
    if ([403, 404, 405, 409, 503].includes(answer.status)) return null
    throw new Error(`no ticket: ${answer.status}`)
  }

  /** The last picture, small, for when there is no signal. */
  #keep(source: HTMLVideoElement | HTMLCanvasElement, atMs: number, ageMs: number): void {
    this.#keptAtMs = atMs
    const [width, height] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height]
    if (width === 0) return
    const small = document.createElement('canvas')
    small.width = Math.min(KEPT_WIDTH, width)
    small.height = Math.round((small.width * height) / width)
    small.getContext('2d')?.drawImage(source, 0, 0, small.width, small.height)
    const kept = { jpeg: small.toDataURL('image/jpeg', 0.6), deviceMs: Date.now() - ageMs }
    keepPicture(kept, localStorage)
    watch.keptPicture = kept
  }
}

export const picture = new PictureStore()

export const grounds = new Grounds(async (path) => {
  const answer = await watch.ask('GET', path)
  if (!answer.ok) throw new Error(`no ground: ${answer.status}`)
  return (await answer.json()) as Ground
})
