/**
 * How old a picture that came by WebRTC is (docs/reference/video.md). The media server says of one picture which RTP
 * timestamp it has in this viewer's stream and when it came from the aircraft, on the server's clock; every other
 * picture follows by its own timestamp. Pure: the caller says when it asked and when it was answered.
 */

/** What `GET /v1/sessions/{id}` answers, as far as it matters here. */
export interface Told {
  server_time_ms: number
  /** Null while no picture has been sent. */
  picture: { rtp_timestamp: number; came_ms: number } | null
}

const TICKS_EACH_MS = 90
/** Answers of which the quickest tells the server's clock best. */
const ANSWERS = 8

export class PictureAge {
  #reference: { rtpTimestamp: number; cameMs: number } | null = null
  #clocks: { tookMs: number; serverMinusMine: number }[] = []

  /** An answer; both times monotonic, ms. Half of what it took is the way back: so much it is wrong at most. */
  told(told: Told, askedMs: number, answeredMs: number): void {
    const tookMs = answeredMs - askedMs
    this.#clocks = [...this.#clocks, { tookMs, serverMinusMine: told.server_time_ms + tookMs / 2 - answeredMs }].slice(-ANSWERS)
    if (told.picture !== null) this.#reference = { rtpTimestamp: told.picture.rtp_timestamp, cameMs: told.picture.came_ms }
  }

  /** True once the age of any picture can be told. */
  get known(): boolean {
    return this.#reference !== null
  }

  /** Milliseconds since the picture with this timestamp came from the aircraft; null while nobody can say. */
  ofPicture(rtpTimestamp: number, nowMs: number): number | null {
    const reference = this.#reference
    const clock = this.#clocks.toSorted((a, b) => a.tookMs - b.tookMs)[0]
    if (reference === null || clock === undefined) return null
    // The difference of two 32-bit timestamps, past their wrap: the shorter way round.
    const laterMs = ((rtpTimestamp - reference.rtpTimestamp) | 0) / TICKS_EACH_MS
    return Math.max(0, nowMs + clock.serverMinusMine - (reference.cameMs + laterMs))
  }
}
