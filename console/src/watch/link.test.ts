import { expect, test } from 'vitest'
import { deviceKey, exchange, LinkOver, takeToken, type Keep } from './link.ts'
import { forgetAll, isOver, keepData, keptData, keptForS, type Kept } from './kept.ts'

function memory(): Keep {
  const kept = new Map<string, string>()
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => { kept.set(name, value) },
    removeItem: (name) => { kept.delete(name) },
  }
}

test('the token is taken out of the address at once, and is there on the next visit', () => {
  const keep = memory()
  let cleared = 0
  expect(takeToken({ hash: '#secret', pathname: '/watch/' }, () => cleared++, keep)).toBe('secret')
  expect(cleared).toBe(1)
  expect(takeToken({ hash: '', pathname: '/watch/' }, () => cleared++, keep)).toBe('secret')
  expect(cleared).toBe(1)
})

test('a path that holds a token is emptied too', () => {
  let cleared = 0
  expect(takeToken({ hash: '', pathname: '/watch/secret' }, () => cleared++, memory())).toBe('secret')
  expect(cleared).toBe(1)
})

test('a device has one key, of 256 bits', () => {
  const keep = memory()
  const key = deviceKey(keep, (bytes) => bytes.fill(171))
  expect(key).toBe('ab'.repeat(32))
  expect(deviceKey(keep, (bytes) => bytes.fill(1))).toBe(key)
})

test('both secrets go into the body, and a refusal that is final says so', async () => {
  const asked: [string, RequestInit][] = []
  const refuse = ((url: string, request: RequestInit) => {
    asked.push([url, request])
    return Promise.resolve(Response.json({ type: '/problems/link-revoked', title: 'Withdrawn', detail: 'ask' }, { status: 410 }))
  }) as unknown as typeof fetch
  await expect(exchange('token-1', 'key-1', refuse)).rejects.toBeInstanceOf(LinkOver)
  expect(asked[0]?.[0]).toBe('/api/v1/watch')
  expect(JSON.parse(String(asked[0]?.[1].body))).toEqual({ token: 'token-1', device_key: 'key-1' })
})

test('a server that is down is no refusal', async () => {
  const down = (() => Promise.resolve(new Response('', { status: 503 }))) as unknown as typeof fetch
  await expect(exchange('t', 'k', down)).rejects.not.toBeInstanceOf(LinkOver)
})

test('what was kept has the age that this device measured, though its clock is an hour off', () => {
  const serverMs = Date.UTC(2026, 0, 31, 9, 30)
  const mine = serverMs + 3_600_000
  const kept = { version: 1, serverWallMs: serverMs, deviceMs: mine, linkExpiresWall: new Date(serverMs + 600_000).toISOString() } as Kept
  const keep = memory()
  keepData(kept, keep)
  const found = keptData(keep)
  expect(found).not.toBeNull()
  expect(keptForS(kept, mine + 90_000)).toBe(90)
  expect(isOver(kept, mine + 599_000)).toBe(false)
  expect(isOver(kept, mine + 600_000)).toBe(true)
  expect(keptForS(kept, mine - 5_000)).toBeNull()
  forgetAll(keep)
  expect(keptData(keep)).toBeNull()
})

test('what somebody wrote into the store is not taken for data', () => {
  const keep = memory()
  keep.setItem('kestrel.watch.data', '{"version": 9}')
  expect(keptData(keep)).toBeNull()
  keep.setItem('kestrel.watch.data', 'nonsense')
  expect(keptData(keep)).toBeNull()
})
