import { beforeAll, expect, test, vi } from 'vitest'

const listeners = new Map<string, () => void>()
const activation = { hasBeenActive: false }
const load = () => import('./hearing.svelte.ts')
let module: Awaited<ReturnType<typeof load>>

beforeAll(async () => {
  vi.stubGlobal('navigator', { userActivation: activation })
  vi.stubGlobal('addEventListener', (name: string, act: () => void) => listeners.set(name, act))
  vi.stubGlobal('removeEventListener', (name: string) => listeners.delete(name))
  module = await load()
})

test('a page that nobody has touched does not say that it sounds', () => {
  expect(module.heard(true, module.hearing.allowed)).toBe('untouched')
  expect(module.heard(false, module.hearing.allowed)).toBe('off')
})

test('the first touch lets it sound, and a press by that touch does not silence it', () => {
  listeners.get('pointerdown')?.()
  expect(module.hearing.allowed, 'a gesture that the browser does not count').toBe(false)
  activation.hasBeenActive = true
  listeners.get('pointerup')?.()
  expect(module.heard(true, module.hearing.allowed)).toBe('on')
  expect(module.pressed(true, module.hearing.justAllowed)).toBe(true)
  expect(module.pressed(true, false)).toBe(false)
  expect(module.pressed(false, true)).toBe(true)
  expect(listeners.size).toBe(0)
})
