import { expect, test } from 'vitest'
import { BLOCK_HEAD_BYTES, BlockWriter, RECORD_HEAD_BYTES } from './block.ts'
import { PAGE_BYTES } from './direct-file.ts'
import { tapeKind } from './format.ts'
import { TapeBlock } from './reader.ts'

const HEADS = BLOCK_HEAD_BYTES + RECORD_HEAD_BYTES
const DATA = Buffer.alloc(2 * PAGE_BYTES, 0x5a)
const BYTES = 4 * PAGE_BYTES

const writer = (unitBytes: number) => new BlockWriter(Buffer.alloc(BYTES, 0xee), unitBytes)
const recordsOf = (sealed: Buffer) =>
  new TapeBlock(sealed.subarray(0, BLOCK_HEAD_BYTES), sealed.subarray(BLOCK_HEAD_BYTES)).records()

test('whatever a block misses to a whole page is filled, and read as if it were not there', () => {
  const block = writer(PAGE_BYTES)
  const wrong: object[] = []
  for (let bytes = 0; bytes <= PAGE_BYTES; bytes++) {
    block.reset()
    block.append(tapeKind.timer, 7, 3, 1_000 + bytes, DATA.subarray(0, bytes))
    const sealed = block.seal()
    const pages = sealed.length / PAGE_BYTES
    const read = [...recordsOf(sealed)].map(({ kind, arg, call, atUs, data }) => {
      return [kind, arg, call, atUs, data.length, data.every((byte) => byte === 0x5a)]
    })
    const rest = (HEADS + bytes) % PAGE_BYTES
    const isTight = rest > PAGE_BYTES - RECORD_HEAD_BYTES
    const wanted = Math.ceil((HEADS + bytes) / PAGE_BYTES) + (isTight ? 1 : 0)
    const whole = [[tapeKind.timer, 7, 3, 1_000 + bytes, bytes, true]]
    if (pages !== wanted || JSON.stringify(read) !== JSON.stringify(whole))
      wrong.push({ bytes, pages, wanted, read })
  }
  expect(wrong).toEqual([])
})

test('a block takes no record that its filling would have no room behind', () => {
  const block = writer(PAGE_BYTES)
  while (block.append(tapeKind.timer, 0, 0, 0, DATA.subarray(0, 100)));
  while (block.append(tapeKind.timer, 0, 0, 0, DATA.subarray(0, 1)));
  while (block.append(tapeKind.timer, 0, 0, 0));
  const records = block.records
  const sealed = block.seal()
  expect(sealed.length).toBeLessThanOrEqual(BYTES)
  expect(sealed.length % PAGE_BYTES).toBe(0)
  expect([...recordsOf(sealed)]).toHaveLength(records)
})

test('a block of single bytes is not filled, and takes all there is room for', () => {
  const block = writer(1)
  expect(block.append(tapeKind.timer, 0, 0, 0, DATA)).toBe(true)
  const left = BYTES - block.length - RECORD_HEAD_BYTES
  expect(block.append(tapeKind.timer, 0, 0, 0, Buffer.alloc(left + 1))).toBe(false)
  expect(block.append(tapeKind.timer, 0, 0, 0, Buffer.alloc(left))).toBe(true)
  expect(block.seal().length).toBe(BYTES)
})
