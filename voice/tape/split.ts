import { open, rename, unlink } from 'node:fs/promises'
import { z } from 'zod'
import { BlockWriter, fileHead } from './block.ts'
import { TAPE_VERSION, tapeKind } from './format.ts'
import { lostIn, type TapeLeg, TapeReader, type TapeRecord } from './reader.ts'

const BLOCK_BYTES = 2_097_152
const SEAL_BYTES = 1_048_576
const MAX_LEGS = 16 // gateways that carried one call, one after the other

const openRecord = z.object({ callId: z.string() })

export type SplitTape = {
  legs: TapeLeg[]
  records: number
  bytes: number
  durationMs: number
  /** Records that the spool had no room for. */
  lostRecords: number
  /** A segment ended within a block before the call did: its last quarter of a second may be missing. */
  isTorn: boolean
}

/** Every call that these segments hold something of. */
export async function listCalls(files: readonly string[]): Promise<string[]> {
  const calls = new Set<string>()
  for (const file of files) {
    const reader = await TapeReader.open(file)
    if (!reader) continue
    for await (const block of reader.blocks()) {
      for (const record of block.records())
        if (record.kind === tapeKind.open) calls.add(callIdOf(record.data))
    }
  }
  return [...calls]
}

/**
 * Gathers one call's records out of segments into one tape. A call that moved from gateway to gateway has a leg for
 * each: within a leg time is monotonic, between legs the wall clocks of the gateways place them.
 */
export async function splitCall(from: {
  files: readonly string[]
  callId: string
  target: string
}): Promise<SplitTape | undefined> {
  const legs = await findLegs(from.files, from.callId)
  if (legs.length === 0) return undefined
  const temporary = `${from.target}.part`
  const handle = await open(temporary, 'w')
  try {
    const split = await writeLegs(legs, from.callId, async (bytes) => {
      await handle.appendFile(bytes)
    })
    await handle.datasync()
    await rename(temporary, from.target)
    return split
  } catch (error) {
    await unlink(temporary)
    throw error
  } finally {
    await handle.close()
  }
}

type Leg = TapeLeg & { files: string[]; firstUs: number }

async function findLegs(files: readonly string[], callId: string): Promise<Leg[]> {
  const legs = new Map<string, Leg>()
  for (const file of files) {
    const found = await findCall(file, callId)
    if (!found) continue
    const leg = legs.get(found.instance)
    if (leg) leg.files.push(file)
    else legs.set(found.instance, { ...found, files: [file] })
  }
  return [...legs.values()].sort((a, b) => a.wallMs - b.wallMs).slice(0, MAX_LEGS)
}

async function findCall(file: string, callId: string) {
  const reader = await TapeReader.open(file)
  if (!reader) return undefined
  const { header } = reader
  if (header.holds !== 'spool') {
    await reader.close()
    return undefined
  }
  for await (const block of reader.blocks()) {
    for (const { kind, atUs, data } of block.records()) {
      if (kind !== tapeKind.open || callIdOf(data) !== callId) continue
      const wallMs = block.wallMs + (atUs - block.baseUs) / 1_000
      return { gateway: header.gateway, instance: header.instance, wallMs, firstUs: atUs }
    }
  }
  return undefined
}

async function writeLegs(
  legs: Leg[],
  callId: string,
  write: (bytes: Buffer) => Promise<void>,
): Promise<SplitTape> {
  const split: SplitTape = {
    legs: legs.map(({ gateway, instance, wallMs }) => ({ gateway, instance, wallMs })),
    records: 0,
    bytes: 0,
    durationMs: 0,
    lostRecords: 0,
    isTorn: false,
  }
  const block = new BlockWriter(Buffer.allocUnsafeSlow(BLOCK_BYTES))
  const put = async (bytes: Buffer) => {
    split.bytes += bytes.length
    await write(bytes)
  }
  await put(fileHead({ version: TAPE_VERSION, holds: 'call', callId, legs: split.legs }))

  let lastUs = 0
  for (const [index, leg] of legs.entries()) {
    const byWallUs = (leg.wallMs - legs[0]!.wallMs) * 1_000
    // Wall clocks of two machines may disagree; the second leg never begins before the first has ended.
    const zeroUs = leg.firstUs - Math.round(Math.max(byWallUs, lastUs))
    const open = new Set<number>()
    for (const file of leg.files) {
      const reader = await TapeReader.open(file)
      if (!reader) continue
      for await (const record of recordsOf(reader, callId)) {
        if (record.kind === tapeKind.open) {
          open.add(record.call)
          continue
        }
        if (record.kind === tapeKind.end) open.delete(record.call)
        if (record.kind === tapeKind.gap) split.lostRecords += lostIn(record)
        lastUs = Math.max(lastUs, record.atUs - zeroUs)
        if (!block.hasRoomFor(record.data.length) || block.length >= SEAL_BYTES) {
          await put(block.seal())
          block.reset()
        }
        if (block.records === 0) block.wallMs = leg.wallMs + (record.atUs - leg.firstUs) / 1_000
        block.append(record.kind, record.arg, index, lastUs, record.data)
        split.records++
      }
      // Of a segment that is still written the last block may be half there: what it misses is other calls'.
      split.isTorn ||= reader.isTorn && open.size > 0
    }
  }
  if (block.records > 0) await put(block.seal())
  split.durationMs = Math.round(lastUs / 1_000)
  return split
}

async function* recordsOf(reader: TapeReader, callId: string): AsyncGenerator<TapeRecord> {
  const numbers = new Set<number>()
  for await (const block of reader.blocks()) {
    for (const record of block.records()) {
      if (record.kind === tapeKind.open && callIdOf(record.data) === callId)
        numbers.add(record.call)
      if (numbers.has(record.call)) yield record
    }
  }
}

const callIdOf = (data: Buffer): string =>
  openRecord.parse(JSON.parse(data.toString('utf8'))).callId
