import { expect, test } from 'vitest'
import { endOf } from './session.svelte.ts'
import { heardFrom } from './tabs.ts'

const person = { id: 'controller-1', roles: ['controller' as const], force: 'f', expiresAtMs: 1_000_000 }

test('a sign-in says ten minutes before that it ends, and then that it is over', () => {
  expect(endOf(person, 1_000_000 - 601_000).state).toBe('good')
  expect(endOf(person, 1_000_000 - 600_000)).toEqual({ state: 'ends', leftS: 600 })
  expect(endOf(person, 1_000_001)).toEqual({ state: 'over', leftS: 0 })
  expect(endOf(null, 0).state).toBe('none')
})

test('only what another tab of this console says is heard', () => {
  expect(heardFrom({ says: 'given', token: 'a.b.c' })).toEqual({ says: 'given', token: 'a.b.c' })
  expect([heardFrom({ says: 'given' }), heardFrom('given'), heardFrom({ says: 'else', token: 'a.b.c' }), heardFrom(null)]).toEqual([null, null, null, null])
})
