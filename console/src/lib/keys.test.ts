import { expect, test } from 'vitest'
import { takesLetters } from './keys.ts'

const on = (tagName: string, type?: string): EventTarget => ({ tagName, type }) as unknown as EventTarget

test('a shortcut is heard on a radio, a tick and a list, and is a letter in a field', () => {
  expect([on('INPUT', 'radio'), on('INPUT', 'checkbox'), on('SELECT'), on('BUTTON'), on('DIV'), null].map(takesLetters)).toEqual(Array(6).fill(false))
  expect([on('INPUT', 'text'), on('INPUT', 'search'), on('INPUT', 'password'), on('TEXTAREA')].map(takesLetters)).toEqual(Array(4).fill(true))
})
