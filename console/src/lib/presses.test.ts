import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { hash: '', pathname: '/', search: '', protocol: 'http:', host: 'kestrel.example' })
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
const { DONE_SAID_MS, FAILED_SAID_MS, hasFailed, presses, pressText } = await import('./presses.svelte.ts')
const { NotDelivered } = await import('./api/client.ts')

beforeEach(() => {
  presses.list = []
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const fails = (): Promise<void> => Promise.reject(new NotDelivered())
const works = (): Promise<void> => Promise.resolve()

test('what was not delivered is said where it was pressed, and stays there whatever is pressed elsewhere', async () => {
  const line = await presses.run('Line to the officers', null, fails, 'line:7')
  for (let i = 0; i < 60; i++) await presses.run('Alarm seen', null, works, `alarm:${i}`)
  const done = line.doneAtMs ?? 0
  expect(presses.last('line:7', done + 60_000)?.state).toBe('not_delivered')
  expect(presses.last('line:8', done)).toBeNull()
  expect(presses.last('line:7', done + FAILED_SAID_MS + 1)).toBeNull()
})

test('the last press of a place takes the place of the one before', async () => {
  await presses.run('Line to the officers', null, fails, 'line:7')
  const again = await presses.run('Line to the officers', null, works, 'line:7')
  const done = again.doneAtMs ?? 0
  expect(presses.last('line:7', done)?.state).toBe('confirmed')
  expect(presses.last('line:7', done + DONE_SAID_MS + 1)).toBeNull()
})

test('a press of a flight is said at that flight', async () => {
  const press = await presses.run('K2: hold', 'flight-2', fails)
  expect(presses.last('flight-2', press.doneAtMs ?? 0)?.label).toBe('K2: hold')
})

test('a fault of the screen itself is told as not known, never swallowed', async () => {
  const press = await presses.run('K2: hold', 'flight-2', () => Promise.reject(new TypeError('x is undefined')))
  expect(hasFailed(press)).toBe(true)
  expect(pressText(press, 0)).toContain('x is undefined')
})
