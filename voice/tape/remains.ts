import { BLOCK_HEAD_BYTES, BlockWriter } from './block.ts'
import { alignedBytes, PAGE_BYTES } from './direct-file.ts'
import { tapeKind } from './format.ts'
import { lostIn, TapeBlock, type TapeRecord } from './reader.ts'

const REMAINS_BYTES = 1_048_576 // an eighth of a kilobyte a call: room for all that a lost block can name

/** How many records are lost with this block; what it says of earlier losses was counted then. */
export function lostWith(block: Buffer): number {
  let lost = 0
  for (const { kind } of recordsIn(block))
    if (kind !== tapeKind.open && kind !== tapeKind.gap) lost++
  return lost
}

/**
 * What stands in a segment in place of blocks that the disk did not take: a small block that says whose records they
 * held and how many. What was written after them is then still somebody's, and no tape hides that it misses something.
 */
export function remainsOf(
  blocks: readonly [Buffer, ...Buffer[]],
  names: ReadonlyMap<number, string>,
): Buffer {
  const calls = new Map<number, { firstUs: number; lastUs: number; lostRecords: number }>()
  for (const record of blocks.flatMap((block) => [...recordsIn(block)])) {
    const { call: number, atUs } = record
    const call = calls.get(number) ?? { firstUs: atUs, lastUs: atUs, lostRecords: 0 }
    calls.set(number, call)
    call.lastUs = atUs
    call.lostRecords += weightOf(record)
  }
  const remains = new BlockWriter(alignedBytes(REMAINS_BYTES), PAGE_BYTES)
  remains.wallMs = blockOf(blocks[0]).wallMs
  for (const [number, { firstUs, lastUs, lostRecords }] of calls) {
    const callId = names.get(number)
    remains.append(tapeKind.open, 0, number, firstUs, json({ callId }))
    if (lostRecords > 0) remains.append(tapeKind.gap, 0, number, lastUs, json({ lostRecords }))
  }
  return remains.seal()
}

function weightOf(record: TapeRecord): number {
  if (record.kind === tapeKind.open) return 0
  return record.kind === tapeKind.gap ? lostIn(record) : 1
}

const blockOf = (block: Buffer) =>
  new TapeBlock(block.subarray(0, BLOCK_HEAD_BYTES), block.subarray(BLOCK_HEAD_BYTES))

const recordsIn = (block: Buffer) => blockOf(block).records()

const json = (value: object) => Buffer.from(JSON.stringify(value))
