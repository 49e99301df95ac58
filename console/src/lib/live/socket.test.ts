import { expect, test } from 'vitest'
import { FIRST_MS, MOST_MS } from '../backoff.ts'
import { LiveSocket, QUIET_MS, type LinkState, type Socket, type Surroundings } from './socket.ts'

/** Time that is moved by hand, and sockets that a test speaks for. */
class Scene implements Surroundings {
  ms = 0
  sockets: (Socket & { sent: string[]; closed: boolean })[] = []
  timers: { at: number; then: () => void }[] = []
  chance = 1

  open(): Socket {
    const made = {
      sent: [] as string[],
      closed: false,
      send(text: string) { made.sent.push(text) },
      close() { made.closed = true },
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    } as Socket & { sent: string[]; closed: boolean }
    this.sockets.push(made)
    return made
  }
  now(): number { return this.ms }
  random(): number { return this.chance }
  after(ms: number, then: () => void): () => void {
    const timer = { at: this.ms + ms, then }
    this.timers.push(timer)
    return () => { this.timers = this.timers.filter((each) => each !== timer) }
  }
  pass(ms: number): void {
    const until = this.ms + ms
    for (;;) {
      const next = this.timers.filter((each) => each.at <= until).toSorted((a, b) => a.at - b.at)[0]
      if (!next) break
      this.ms = next.at
      this.timers = this.timers.filter((each) => each !== next)
      next.then()
    }
    this.ms = until
  }
  get last(): Socket & { sent: string[]; closed: boolean } {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('nothing was opened')
    return socket
  }
}

const SNAPSHOT = JSON.stringify({ type: 'snapshot', epoch: 'e', seq: 7, deployment: 'live', mission_time: '', entities: [] })

function begin(scene: Scene): { link: LiveSocket; states: LinkState[]; since: { epoch: string | null; seq: number } } {
  const [states, since] = [[] as LinkState[], { epoch: null as string | null, seq: 0 }]
  const link = new LiveSocket(
    { url: 'ws://x', token: () => 'secret', since: () => since, onFrame: () => undefined, onState: (state) => states.push(state) },
    scene,
  )
  link.start()
  return { link, states, since }
}

test('the first frame carries the token, and epoch and seq once they are known', () => {
  const scene = new Scene()
  const { since } = begin(scene)
  scene.last.onopen?.()
  expect(scene.last.sent).toEqual(['{"type":"auth","token":"secret"}'])
  scene.last.onmessage?.({ data: SNAPSHOT })
  Object.assign(since, { epoch: 'e', seq: 7 })
  scene.last.onclose?.({ code: 1006 })
  scene.pass(MOST_MS)
  scene.last.onopen?.()
  expect(scene.last.sent).toEqual(['{"type":"auth","token":"secret","epoch":"e","seq":7}'])
})

test('a line that has gone quiet counts as gone, though nobody closed it', () => {
  const scene = new Scene()
  const { states } = begin(scene)
  scene.last.onopen?.()
  scene.last.onmessage?.({ data: SNAPSHOT })
  scene.pass(QUIET_MS - 1)
  expect(states.at(-1)).toBe('live')
  scene.pass(1)
  expect(states.at(-1)).toBe('lost')
  expect(scene.sockets[0]?.closed).toBe(true)
})

test('it comes back with a jittered back-off between 125 ms and 10 s', () => {
  for (const chance of [0, 0.5, 1]) {
    const scene = new Scene()
    scene.chance = chance
    begin(scene)
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      const from = scene.ms
      const count = scene.sockets.length
      scene.last.onclose?.({ code: 1006 })
      while (scene.sockets.length === count) scene.pass(5)
      waits.push(scene.ms - from)
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(FIRST_MS)
    expect(Math.max(...waits)).toBeLessThanOrEqual(MOST_MS + 5)
    if (chance === 1) expect(waits.at(-1)).toBeGreaterThan(9_000)
  }
})

test.each([
  [4401, 'signed_out'],
  [4403, 'forbidden'],
] as const)('close code %i is not tried again', (code, state) => {
  const scene = new Scene()
  const { states } = begin(scene)
  scene.last.onclose?.({ code })
  scene.pass(60_000)
  expect(states.at(-1)).toBe(state)
  expect(scene.sockets).toHaveLength(1)
})

test('a pilot\'s console says every 2.5 s that it is there, and only while it is live', () => {
  const scene = new Scene()
  const { link } = begin(scene)
  scene.last.onopen?.()
  link.sayHere(true)
  expect(scene.last.sent).toHaveLength(1)
  scene.last.onmessage?.({ data: SNAPSHOT })
  scene.pass(2_500)
  expect(scene.last.sent.filter((text) => text === '{"type":"here"}')).toHaveLength(1)
  link.sayHere(false)
  scene.last.onmessage?.({ data: SNAPSHOT })
  scene.pass(4_000)
  expect(scene.last.sent.filter((text) => text === '{"type":"here"}')).toHaveLength(1)
})
