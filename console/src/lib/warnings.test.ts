import { expect, test } from 'vitest'
import { mine, pilots, standing, type LaunchWarning, type MaySetAside } from './warnings.ts'

const GUST: LaunchWarning = { warning: 'gust_over_limit', concern: 'aircraft', text: 'gust 17.0 m/s, limit 16.0' }
const SHORT: LaunchWarning = { warning: 'watch_too_short', concern: 'operations', text: '40 s on scene' }
const MAY: MaySetAside = { aircraft: ['pilot'], operations: ['controller'] }
const ticked = (note: string) => ({ ticked: true, note })

test('the pilot sets aside what is of the aircraft, the controller what is of operations', () => {
  expect([mine('aircraft', MAY, ['controller']), mine('operations', MAY, ['controller'])]).toEqual([false, true])
  expect([mine('aircraft', MAY, ['pilot']), mine('blocker', MAY, ['pilot', 'controller'])]).toEqual([true, false])
  expect(pilots('aircraft', MAY, ['controller'])).toBe(true)
})

test('nothing is sent until each is ticked and has its note', () => {
  const roles = ['controller', 'pilot'] as const
  expect(standing([GUST, SHORT], {}, MAY, roles).because).toBe('not set aside yet: gust 17.0 m/s, limit 16.0')
  expect(standing([GUST], { gust_over_limit: ticked('  ') }, MAY, roles).because).toBe('a note is owed: gust 17.0 m/s, limit 16.0')
  const done = standing([GUST, SHORT], { gust_over_limit: ticked(' ice '), watch_too_short: ticked('a look') }, MAY, roles)
  expect(done).toEqual({
    overrides: [
      { warning: 'gust_over_limit', note: 'ice' },
      { warning: 'watch_too_short', note: 'a look' },
    ],
    leftToPilot: false,
    because: null,
  })
})

test('what is the pilots is left to them, and what is nobodys says so', () => {
  expect(standing([GUST], {}, MAY, ['controller'])).toEqual({ overrides: [], leftToPilot: true, because: null })
  expect(standing([GUST], {}, { aircraft: [], operations: [] }, ['controller', 'pilot']).because).toBe(
    'nobody can set this aside: gust 17.0 m/s, limit 16.0',
  )
  expect(standing([GUST], {}, { aircraft: ['supervisor'] }, ['controller']).because).toContain('only supervisor')
})
