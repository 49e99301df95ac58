import { afterEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { hash: '', pathname: '/', search: '', protocol: 'http:', host: 'kestrel.example' })
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
const { Typed } = await import('./typed.svelte.ts')
const { NotDelivered } = await import('./api/client.ts')
const { presses } = await import('./presses.svelte.ts')

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a line that is not delivered stays, says so, and is the same line when it is sent again', async () => {
  const line = new Typed()
  line.text = ' Armed: stay back '
  const keys: string[] = []
  const first = await line.send('Line', 'line:1', (text, key) => {
    keys.push(`${key} ${text}`)
    return Promise.reject(new NotDelivered())
  })
  expect(line.text).toBe(' Armed: stay back ')
  expect(presses.last('line:1', first?.doneAtMs ?? 0)?.state).toBe('not_delivered')
  await line.send('Line', 'line:1', (text, key) => {
    keys.push(`${key} ${text}`)
    return Promise.resolve()
  })
  expect(keys[0]).toBe(keys[1])
  expect(line.text).toBe('')
})

test('the same words said anew later are another line', async () => {
  const line = new Typed()
  const keys = new Set<string>()
  for (let i = 0; i < 2; i++) {
    line.text = 'hold back'
    await line.send('Line', 'line:1', (_, key) => {
      keys.add(key)
      return Promise.resolve()
    })
  }
  expect(keys.size).toBe(2)
})

test('what is typed while a line is under way is not lost with it', async () => {
  const line = new Typed()
  line.text = 'first'
  await line.send('Line', 'line:1', () => {
    line.text = 'second'
    return Promise.resolve()
  })
  expect(line.text).toBe('second')
})

test('nothing, or a line that is under way, is not sent', async () => {
  const line = new Typed()
  const act = vi.fn(() => Promise.resolve())
  expect(await line.send('Line', 'line:1', act)).toBeNull()
  line.text = 'once'
  await Promise.all([line.send('Line', 'line:1', act), line.send('Line', 'line:1', act)])
  expect(act).toHaveBeenCalledOnce()
})
