import { expect, test } from 'vitest'
import { readUnit } from './player.ts'

test('a binary frame is read as the protocol has it', () => {
  const buffer = new ArrayBuffer(26)
  const head = new DataView(buffer)
  head.setUint8(0, 1)
  head.setUint8(1, 3)
  head.setBigUint64(8, 40_000n)
  head.setBigUint64(16, 1_790_000_000_123_000n)
  new Uint8Array(buffer)[24] = 7
  expect(readUnit(buffer)).toMatchObject({ key: true, timestamp: 40_000, cameMs: 1_790_000_000_123 })
  expect([...(readUnit(buffer)?.data ?? [])]).toEqual([7, 0])
})

test('a version that is not ours, and a frame without a picture, are passed over', () => {
  const other = new ArrayBuffer(30)
  new DataView(other).setUint8(0, 2)
  expect(readUnit(other)).toBeNull()
  expect(readUnit(new ArrayBuffer(24))).toBeNull()
})
