import { expect, test } from 'vitest'
import { ServerClock } from './clock.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 31, 9, 30) + seconds * 1000).toISOString()

test('mission time goes on between frames, by a clock that nobody can set', () => {
  const clock = new ServerClock()
  clock.observe(at(0), 1000)
  expect(clock.missionMs(3500)).toBe(Date.parse(at(2.5)))
})

test('a simulation at ten times the speed is noticed, and ages are in its seconds', () => {
  const clock = new ServerClock()
  for (let i = 0; i <= 20; i++) clock.observe(at(i * 2 + (i % 3) * 0.01), i * 200)
  expect(clock.rate).toBe(10)
  expect(clock.ageS(at(40), 4500)).toBeCloseTo(5.0, 0)
})

test('before any frame nothing is known of the time', () => {
  expect(new ServerClock().known).toBe(false)
  expect(new ServerClock().missionMs(5)).toBeNaN()
})

test('a clock that was put back, as after a restart, begins anew', () => {
  const clock = new ServerClock()
  clock.observe(at(100), 0)
  clock.observe(at(3), 100)
  expect(clock.missionMs(100)).toBe(Date.parse(at(3)))
})

test('an age is never negative and a time to come may be over', () => {
  const clock = new ServerClock()
  clock.observe(at(10), 0)
  expect(clock.ageS(at(12), 0)).toBe(0)
  expect(clock.untilS(at(7), 0)).toBe(-3)
})
