import { expect, test } from 'vitest'
import { kept } from './pages.ts'

test('what was fetched once is there when nothing answers; what did not come is asked for again', async () => {
  const answers = [new Error('nobody'), 'page', new Error('nobody')]
  let asked = 0
  const get = kept(() => {
    const answer = answers[asked++]
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  })
  await expect(get()).rejects.toThrow('nobody')
  await expect(get()).resolves.toBe('page')
  await expect(get()).resolves.toBe('page')
  expect(asked).toBe(2)
})
