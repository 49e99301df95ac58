import { expect, test } from 'vitest'
import night from '../watch/watch.css?raw'
import tokens from './tokens.css?raw'

const files = tokens + night

function hue(theme: string, token: string): number {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(files)?.[1] ?? ''
  const [r = 0, g = 0, b = 0] = (new RegExp(`--${token}: #(..)(..)(..);`).exec(block) ?? []).slice(1).map((part) => parseInt(part, 16))
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)]
  if (most === least) return Number.NaN
  const sixth = most === r ? (g - b) / (most - least) : most === g ? 2 + (b - r) / (most - least) : 4 + (r - g) / (most - least)
  return (sixth * 60 + 360) % 360
}

test.each(['live', 'training', 'simulation'])('%s has one hue in every theme: nobody takes one mode for another by night', (mode) => {
  const dark = hue('dark', mode)
  for (const theme of ['light', 'night']) expect(Math.abs(((hue(theme, mode) - dark + 540) % 360) - 180)).toBeLessThan(20)
})
