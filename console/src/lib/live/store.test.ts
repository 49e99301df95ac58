import { afterEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { hash: '', pathname: '/', search: '', protocol: 'http:', host: 'kestrel.example' })
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
const { CUT_OFF_MS, live } = await import('./store.svelte.ts')

afterEach(() => {
  vi.unstubAllGlobals()
})

test('countdowns stand still once the console is cut off, while ages go on', () => {
  const [begun, in60s] = ['2026-01-31T09:00:00Z', '2026-01-31T09:01:00Z']
  live.clock.observe(begun, 1000)
  live.lastFrameMs = 1000
  live.nowMs = 3000
  expect(live.untilS(in60s)).toBeCloseTo(58)
  live.nowMs = 1000 + CUT_OFF_MS + 50_000
  expect(live.untilS(in60s)).toBeCloseTo(60 - CUT_OFF_MS / 1000)
  expect(live.ageS(begun)).toBeCloseTo(CUT_OFF_MS / 1000 + 50)
})
