import { afterEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { hash: '', pathname: '/', search: '', protocol: 'http:', host: 'kestrel.example' })
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
const { pressText } = await import('./presses.svelte.ts')
const { Answers, SAID_FOR_MS } = await import('./proposals.svelte.ts')

/** The dispatcher answers with this, once or again. */
function dispatcher(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })))
  vi.stubGlobal('fetch', fetched)
  return fetched
}

const LATE = { type: '/problems/conflict', title: 'Conflict', status: 409, detail: 'no countdown is running: the proposal is accepted' }

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a stop that came too late is refused in the words of the dispatcher and never shown as done', async () => {
  const fetched = dispatcher(409, LATE)
  const answers = new Answers()
  const press = await answers.give('p1', 'cancel', 'K2: stays where it is', 'f1')
  expect(fetched).toHaveBeenCalledOnce()
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/v1/proposals/p1/cancel')
  expect(press.state).toBe('refused')
  expect(pressText(press, 0)).toContain('no countdown is running: the proposal is accepted')
})

test('a refusal stands where the question was, for a while', async () => {
  dispatcher(409, LATE)
  const answers = new Answers()
  const press = await answers.give('p1', 'accept', 'K2: sent now', null)
  const done = press.doneAtMs ?? 0
  expect(answers.failed(done + SAID_FOR_MS - 1)?.id).toBe(press.id)
  expect(answers.failed(done + SAID_FOR_MS + 1)).toBeNull()
})

test('an answer that was taken is done, and nothing is said of it', async () => {
  dispatcher(200, { id: 'p1', status: 'cancelled' })
  const answers = new Answers()
  const press = await answers.give('p1', 'cancel', 'K2: stays where it is', 'f1')
  expect(press.state).toBe('confirmed')
  expect(answers.failed(press.doneAtMs ?? 0)).toBeNull()
})

test('an answer that nobody heard is not delivered', async () => {
  vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('no route'))))
  const answers = new Answers()
  const press = await answers.give('p1', 'cancel', 'K2: stays where it is', 'f1')
  expect(press.state).toBe('not_delivered')
  expect(answers.failed(press.doneAtMs ?? 0)?.id).toBe(press.id)
})
