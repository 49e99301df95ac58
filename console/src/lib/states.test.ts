import { expect, test } from 'vitest'
import { leftOnScene } from './states.ts'

const untilS = (at: string): number => Number(at)
const flight = { phase: 'on_scene', ended: false } as const

test('the lesser of watch and charge is what is left, and it says which', () => {
  expect(leftOnScene({ must_leave_at: '1925', next_action_at: '175' }, flight, untilS)).toEqual({ leftS: 175, limit: 'by its watch' })
  expect(leftOnScene({ must_leave_at: '90', next_action_at: '175' }, flight, untilS)).toEqual({ leftS: 90, limit: 'by its charge' })
  expect(leftOnScene({ must_leave_at: '90', next_action_at: null }, flight, untilS)).toEqual({ leftS: 90, limit: 'by its charge' })
})

test('nothing is said of a drone that does not stay, or has not told', () => {
  expect(leftOnScene({ must_leave_at: '90', next_action_at: '1' }, { phase: 'returning', ended: false }, untilS)).toBeNull()
  expect(leftOnScene({ must_leave_at: null, next_action_at: null }, flight, untilS)).toBeNull()
  expect(leftOnScene(undefined, flight, untilS)).toBeNull()
})
