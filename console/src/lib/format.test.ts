import { expect, test } from 'vitest'
import { age, bearing, DASH, metres, percent, span, timeOfDay } from './format.ts'

test('what is not known is a dash and never a zero', () => {
  expect([span(null), age(undefined), percent(null), metres(null), timeOfDay(null), bearing(null)]).toEqual(Array(6).fill(DASH))
})

test('spans and ages are read at a glance', () => {
  expect([span(100), span(59.6), span(3725)]).toEqual(['1:40', '1:00', '1:02:05'])
  expect([age(0.2), age(8.4), age(200)]).toEqual(['now', '8 s', '3 min'])
})

test('a bearing is a word', () => {
  expect([bearing(0), bearing(359), bearing(-90), bearing(225)]).toEqual(['north', 'north', 'west', 'south-west'])
})
