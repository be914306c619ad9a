import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type HandWoundClock, handWoundClock, systemClock } from '../clock.ts'
import { PAGE_BYTES } from './direct-file.ts'
import { diskError, everyFile } from './disk-testing.ts'
import { tapeKind } from './format.ts'
import { listSegments, TapeReader } from './reader.ts'
import { listCalls, splitCall } from './split.ts'
import { Spool, type SpoolOptions } from './spool.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dir, { recursive: true, force: true })
})

const fail = (error: unknown) => {
  throw error
}
const aSpool = (options: Partial<SpoolOptions> = {}) =>
  Spool.open({ dir, gateway: 'g1', clock: systemClock, onError: fail, ...options })

type Written = { kind: number; arg: number; atUs: number; text: string }

async function recordsIn(file: string): Promise<Written[]> {
  const reader = await TapeReader.open(file)
  if (!reader) return []
  const records: Written[] = []
  for await (const block of reader.blocks())
    for (const { kind, arg, atUs, data } of block.records())
      records.push({ kind, arg, atUs, text: data.toString('latin1') })
  return records
}

const withoutOpen = (records: Written[]) => records.filter(({ kind }) => kind !== tapeKind.open)
const callRecord = fc.record({
  call: fc.nat(2),
  kind: fc.constantFrom(tapeKind.customerSent, tapeKind.agentIn, tapeKind.timer),
  arg: fc.nat(65_535),
  afterUs: fc.nat(50_000),
  data: fc.uint8Array({ maxLength: 600 }),
})

describe('what calls write', () => {
  test('is read back from the split tape of each, whole and in order', async () => {
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(callRecord, { minLength: 1, maxLength: 60 }), async (records) => {
        const own = join(dir, String(round++))
        const spool = await aSpool({ dir: own, segmentBytes: 8_000 })
        const calls = [spool.call('a'), spool.call('b'), spool.call('c')]
        let atUs = 5_000_000
        const written: Written[][] = [[], [], []]
        for (const [index, record] of records.entries()) {
          atUs += record.afterUs
          calls[record.call]!.write(record.kind, record.arg, atUs, record.data)
          const text = Buffer.from(record.data).toString('latin1')
          written[record.call]!.push({ kind: record.kind, arg: record.arg, atUs, text })
          if (index % 17 === 0) await spool.flush()
        }
        await spool.close()
        const files = await listSegments([own])
        for (const [index, callId] of ['a', 'b', 'c'].entries()) {
          const target = join(own, `${callId}.out`)
          const split = await splitCall({ files, callId, target })
          const expected = written[index]!
          expect(split?.records ?? 0).toBe(expected.length)
          if (!split) continue
          const firstUs = expected[0]!.atUs
          expect(await recordsIn(target)).toEqual(
            expected.map((record) => ({ ...record, atUs: record.atUs - firstUs })),
          )
        }
      }),
      { numRuns: 25 },
    )
  })

  test('fills whole pages, and what fills them is nobody’s', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9_000), { minLength: 1, maxLength: 12 }), async (sizes) => {
        const own = await mkdtemp(join(dir, 'pages-'))
        const spool = await aSpool({ dir: own })
        const call = spool.call('a')
        for (const [index, bytes] of sizes.entries()) {
          call.write(tapeKind.agentIn, index, index, Buffer.alloc(bytes, 'x'))
          await spool.flush()
        }
        await spool.close()
        const [file] = await listSegments([own])
        expect((await stat(file!)).size % PAGE_BYTES).toBe(0)
        const records = withoutOpen(await recordsIn(file!))
        expect(records.map(({ text }) => text.length)).toEqual(sizes)
      }),
      { numRuns: 30 },
    )
  })

  test('reaches the file a quarter of a second later without being asked', async () => {
    const clock = handWoundClock()
    const spool = await aSpool({ clock })
    spool.call('a').write(tapeKind.agentIn, 0, 1, Buffer.from('x'))
    expect(await listSegments([dir])).toEqual([])
    clock.advance(250)
    await spool.flush()
    expect(withoutOpen(await recordsIn((await listSegments([dir]))[0]!))).toHaveLength(1)
    await spool.close()
  })

  test('is copied before the writer returns, so that a codec may mask its buffer', async () => {
    const spool = await aSpool()
    const data = Buffer.from('as it was')
    spool.call('a').write(tapeKind.agentOut, 0, 1, data)
    data.fill(0)
    await spool.close()
    expect(withoutOpen(await recordsIn((await listSegments([dir]))[0]!))[0]?.text).toBe('as it was')
  })

  test('after the end of a call or of the spool is not kept', async () => {
    const spool = await aSpool()
    const call = spool.call('a')
    call.write(tapeKind.agentIn, 0, 1)
    call.end()
    call.write(tapeKind.agentIn, 0, 2)
    await spool.close()
    spool.call('b').write(tapeKind.agentIn, 0, 3)
    await spool.close()
    expect(withoutOpen(await recordsIn((await listSegments([dir]))[0]!))).toHaveLength(1)
  })
})

describe('a torn or damaged file', () => {
  const written = async () => {
    const spool = await aSpool()
    const call = spool.call('a')
    for (let index = 0; index < 40; index++) {
      call.write(tapeKind.agentIn, index, index * 1_000, Buffer.alloc(index, index))
      if (index % 4 === 3) await spool.flush()
    }
    await spool.close()
    const [file] = await listSegments([dir])
    return { file: file!, bytes: await readFile(file!), records: await recordsIn(file!) }
  }

  test('gives the whole blocks before the tear, wherever it is cut', async () => {
    const { file, bytes, records } = await written()
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await writeFile(file, bytes.subarray(0, length))
        const left = await recordsIn(file)
        expect(left).toEqual(records.slice(0, left.length))
        // A block holds four records here (the first one the name of the call too): no more than one is missing.
        const share = (length / bytes.length) * records.length
        expect(left.length).toBeLessThanOrEqual(Math.max(0, share + 20))
      }),
      { numRuns: 150 },
    )
  })

  test('never gives a record that was not written, whatever byte has changed', async () => {
    const { file, bytes, records } = await written()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const damaged = Buffer.from(bytes)
          damaged[at]! ^= by
          await writeFile(file, damaged)
          const left = await recordsIn(file)
          expect(left).toEqual(records.slice(0, left.length))
          expect(left.length).toBeLessThan(records.length)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('never throws, whatever it holds', async () => {
    const file = join(dir, 'any.tape')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await writeFile(file, Buffer.concat([Buffer.from('VOXTAPE1'), bytes]))
        expect(await recordsIn(file)).toEqual([])
      }),
    )
  })

  test('is split all the same, and the tape says that it was torn', async () => {
    const { file, bytes } = await written()
    await writeFile(file, bytes.subarray(0, bytes.length - 3))
    const split = await splitCall({ files: [file], callId: 'a', target: join(dir, 'a.out') })
    expect(split).toMatchObject({ records: 36, isTorn: true, durationMs: 35 })
  })

  test('tears no call that had ended: what is half there is of others', async () => {
    const spool = await aSpool()
    const [over, other] = [spool.call('over'), spool.call('other')]
    over.write(tapeKind.agentIn, 0, 1)
    over.write(tapeKind.end, 0, 2)
    other.write(tapeKind.agentIn, 0, 3)
    await spool.flush()
    other.write(tapeKind.agentIn, 0, 4)
    await spool.close()
    const [file] = await listSegments([dir])
    await writeFile(file!, (await readFile(file!)).subarray(0, -3))
    const target = join(dir, 'out')
    expect((await splitCall({ files: [file!], callId: 'over', target }))?.isTorn).toBe(false)
    expect((await splitCall({ files: [file!], callId: 'other', target }))?.isTorn).toBe(true)
  })

  test('is what a kill -9 leaves, and costs no more than the last interval', async () => {
    const child = spawn(process.execPath, ['voice/tape/spool-writer.fixture.ts', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const flushed = await lastLineAfter(child, 300)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const target = join(dir, 'a.out')
    const split = await splitCall({ files: await listSegments([dir]), callId: 'a', target })
    const records = await recordsIn(target)
    expect(records.map(({ arg }) => arg)).toEqual(records.map((_, index) => index % 65_536))
    expect(split?.records).toBeGreaterThanOrEqual(flushed)
  })
})

describe('the room a spool takes', () => {
  test('is given back when the last call of a segment is released', async () => {
    const spool = await aSpool({ segmentBytes: 2 * PAGE_BYTES })
    const [a, b] = [spool.call('a'), spool.call('b')]
    for (let index = 0; index < 20; index++) {
      a!.write(tapeKind.agentIn, 0, index, Buffer.alloc(200))
      if (index < 10) b!.write(tapeKind.agentIn, 0, index, Buffer.alloc(200))
      await spool.flush()
    }
    const before = await listSegments([dir])
    expect(before.length).toBeGreaterThan(2)
    await spool.release('b')
    expect(await listSegments([dir])).toEqual(before)
    await spool.release('a')
    await spool.flush()
    // The file being written stays, and so may the one before it that the disk has not closed yet.
    expect((await listSegments([dir])).length).toBeLessThanOrEqual(2)
    const sizes = await Promise.all(
      (await listSegments([dir])).map(async (file) => (await stat(file)).size),
    )
    expect(spool.stats().usedBytes).toBeGreaterThanOrEqual(
      sizes.reduce((sum, size) => sum + size, 0),
    )
    expect(spool.stats().usedBytes).toBeLessThan(6 * PAGE_BYTES)
    await spool.close()
  })

  test('is bounded: a full spool loses records, counts them and says so in the tape', async () => {
    const spool = await aSpool({ maxBytes: 8 * PAGE_BYTES, segmentBytes: 2 * PAGE_BYTES })
    const [full, call] = [spool.call('full'), spool.call('a')]
    call!.write(tapeKind.agentIn, 1, 1)
    for (let index = 0; index < 30; index++) {
      full!.write(tapeKind.agentIn, 0, index, Buffer.alloc(500))
      await spool.flush()
    }
    call!.write(tapeKind.agentIn, 2, 100)
    call!.write(tapeKind.agentIn, 3, 100)
    expect(spool.stats().lostRecords).toBeGreaterThan(10)
    expect(spool.stats().usedBytes).toBeLessThan(10 * PAGE_BYTES)
    await spool.release('full')
    call!.write(tapeKind.agentIn, 4, 200)
    await spool.close()
    const files = await listSegments([dir])
    const split = await splitCall({ files, callId: 'a', target: join(dir, 'a.out') })
    expect(split).toMatchObject({ lostRecords: 2 })
    expect((await recordsIn(join(dir, 'a.out'))).map(({ kind, arg }) => [kind, arg])).toEqual([
      [tapeKind.agentIn, 1],
      [tapeKind.gap, 0],
      [tapeKind.agentIn, 4],
    ])
  })

  test('is bounded, and a call that ends in a full spool says what it lost', async () => {
    const spool = await aSpool({ maxBytes: 1_000 })
    const call = spool.call('a')
    for (let index = 0; index < 10; index++) {
      call.write(tapeKind.agentIn, 0, index, Buffer.alloc(500))
      await spool.flush()
    }
    call.end()
    await spool.close()
    const files = await listSegments([dir])
    const split = await splitCall({ files, callId: 'a', target: join(dir, 'a.out') })
    expect(split?.lostRecords).toBe(spool.stats().lostRecords)
    expect(split?.lostRecords).toBeGreaterThan(5)
  })

  test('counts what earlier processes left, names their calls and lets them go', async () => {
    const first = await aSpool()
    first.call('a').write(tapeKind.agentIn, 0, 1)
    first.call('b').write(tapeKind.agentIn, 0, 1)
    await first.close()
    const second = await aSpool()
    expect(second.leftovers).toHaveLength(1)
    expect(await listCalls(second.leftovers)).toEqual(['a', 'b'])
    const before = second.stats().usedBytes
    await second.removeLeftover(second.leftovers[0]!)
    expect(second.stats().usedBytes).toBeLessThan(before)
    expect(await listSegments([dir])).toEqual([])
    await expect(second.removeLeftover(join(dir, 'other'))).rejects.toThrow('Not a leftover')
    await second.close()
  })

  test('refuses a record longer than any message', async () => {
    const spool = await aSpool()
    spool.call('a').write(tapeKind.agentIn, 0, 1, Buffer.alloc(1_048_577))
    expect(spool.stats().lostRecords).toBe(1)
    await spool.close()
  })
})

describe('a disk that is slow', () => {
  const PIECE = Buffer.alloc(65_536, 0x5a)
  const PIECES_A_MIB = 16

  async function aHeldDisk() {
    const spool = await aSpool()
    const call = spool.call('a')
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const sync = vi.spyOn(await everyFile(dir), 'datasync').mockReturnValueOnce(held)
    call.write(tapeKind.timer, 0, 0)
    const flushed = spool.flush()
    await vi.waitUntil(() => sync.mock.calls.length > 0)
    let written = 0
    const write = (mib: number) => {
      for (const until = written + mib * PIECES_A_MIB; written < until; written++)
        call.write(tapeKind.agentIn, written, written, PIECE)
    }
    const end = async () => {
      call.end()
      letGo()
      await flushed
      await spool.close()
      const target = join(dir, 'a.out')
      const split = await splitCall({ files: await listSegments([dir]), callId: 'a', target })
      return { split, records: await recordsIn(target) }
    }
    return { spool, write, end }
  }

  test('is waited for, and all that came meanwhile is written in order', async () => {
    const { spool, write, end } = await aHeldDisk()
    write(24)
    expect(spool.stats().lostRecords).toBe(0)
    expect(spool.stats().waitingBytes).toBeGreaterThan(24 * 1_048_576)
    const { split, records } = await end()
    expect(split).toMatchObject({ lostRecords: 0, isTorn: false })
    const pieces = records.filter(({ kind }) => kind === tapeKind.agentIn)
    expect(pieces.map(({ arg }) => arg)).toEqual([...Array(24 * PIECES_A_MIB).keys()])
    expect(spool.stats().waitingBytes).toBeLessThan(PAGE_BYTES)
  })

  test('costs records, not memory, when it is held for too long', async () => {
    const { spool, write, end } = await aHeldDisk()
    write(48)
    const { lostRecords, waitingBytes } = spool.stats()
    expect(lostRecords).toBeGreaterThan(12 * PIECES_A_MIB)
    expect(waitingBytes).toBeLessThanOrEqual(32 * 1_048_576)
    const { split, records } = await end()
    expect(split?.lostRecords).toBe(lostRecords)
    const pieces = records.filter(({ kind }) => kind === tapeKind.agentIn)
    expect(pieces).toHaveLength(48 * PIECES_A_MIB - lostRecords)
  })
})

describe('a disk that fails', () => {
  test('is tried again until it takes the block, and nothing is lost', async () => {
    const errors: unknown[] = []
    const spool = await aSpool({ onError: (error) => void errors.push(error) })
    const call = spool.call('a')
    await rm(dir, { recursive: true })
    call.write(tapeKind.agentIn, 1, 1)
    const flushed = spool.flush()
    while (errors.length === 0) await new Promise(setImmediate)
    call.write(tapeKind.agentIn, 2, 2)
    await mkdir(dir)
    await flushed
    await spool.close()
    const [file] = await listSegments([dir])
    expect(withoutOpen(await recordsIn(file!)).map(({ arg }) => arg)).toEqual([1, 2])
  })

  test('that cannot sync is told, and a flush tries again and never rejects', async () => {
    const errors: unknown[] = []
    const clock = handWoundClock()
    const spool = await aSpool({ clock, onError: (error) => void errors.push(error) })
    spool.call('a').write(tapeKind.agentIn, 1, 1)
    await spool.flush()
    const sync = vi.spyOn(await everyFile(dir), 'datasync')
    sync.mockRejectedValueOnce(diskError('EIO')).mockRejectedValueOnce(diskError('ENOSPC'))
    let isFlushed = false
    const flushed = spool.flush().then(() => {
      isFlushed = true
    })
    for (const count of [1, 2]) {
      await vi.waitUntil(() => errors.length === count && clock.pending() > 0)
      expect(isFlushed).toBe(false)
      clock.advance(250)
    }
    await flushed
    expect(errors).toMatchObject([{ code: 'EIO' }, { code: 'ENOSPC' }])
    sync.mockRejectedValue(diskError('EIO'))
    await spool.close()
    expect(errors.length).toBeGreaterThan(2)
  })

  test('that is full when a file begins leaves no file without its head', async () => {
    const errors: unknown[] = []
    const spool = await aSpool({ onError: (error) => void errors.push(error) })
    vi.spyOn(await everyFile(dir), 'write').mockRejectedValueOnce(diskError('ENOSPC'))
    spool.call('a').write(tapeKind.agentIn, 1, 1)
    await spool.flush()
    await spool.close()
    expect(errors).toMatchObject([{ code: 'ENOSPC' }])
    const [file] = await listSegments([dir])
    expect(withoutOpen(await recordsIn(file!)).map(({ arg }) => arg)).toEqual([1])
  })

  test('costs the calls of a block the records in it, and no call its tape', async () => {
    const clock = handWoundClock()
    const spool = await aSpool({ clock, onError: () => {} })
    const [early, late, over] = [spool.call('early'), spool.call('late'), spool.call('over')]
    early.write(tapeKind.agentIn, 1, 1)
    await spool.flush()
    const write = vi
      .spyOn(await everyFile(dir), 'write')
      .mockImplementation(() => Promise.reject(diskError('ENOSPC')))
    early.write(tapeKind.agentIn, 2, 2)
    late.write(tapeKind.agentIn, 1, 3)
    over.write(tapeKind.agentIn, 1, 4)
    over.write(tapeKind.end, 0, 5)
    over.end()
    await windUntil(clock, () => spool.stats().lostRecords === 4)
    late.write(tapeKind.agentIn, 2, 6)
    await windUntil(clock, () => spool.stats().lostRecords === 5)
    late.write(tapeKind.agentIn, 3, 7)
    write.mockRestore()
    late.write(tapeKind.agentIn, 4, 8)
    early.write(tapeKind.agentIn, 3, 9)
    await spool.close()

    const files = await listSegments([dir])
    const tapeOf = async (callId: string) => {
      const split = await splitCall({ files, callId, target: join(dir, 'out') })
      const records = await recordsIn(join(dir, 'out'))
      return { lost: split?.lostRecords, kept: records.map(({ kind, arg }) => `${kind}:${arg}`) }
    }
    const { agentIn, gap } = tapeKind
    expect(await tapeOf('early')).toEqual({
      lost: 1,
      kept: [`${agentIn}:1`, `${gap}:0`, `${agentIn}:3`],
    })
    expect(await tapeOf('late')).toEqual({
      lost: 2,
      kept: [`${gap}:0`, `${agentIn}:3`, `${agentIn}:4`],
    })
    expect(await tapeOf('over')).toEqual({ lost: 2, kept: [`${gap}:0`] })
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
    expect(spool.stats().usedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  test('costs one block when others wait behind it, and those follow where it would have ended', async () => {
    const clock = handWoundClock()
    const spool = await aSpool({ clock, onError: () => {} })
    const call = spool.call('a')
    call.write(tapeKind.agentIn, 0, 0)
    await spool.flush()
    const write = vi
      .spyOn(await everyFile(dir), 'write')
      .mockImplementation(() => Promise.reject(diskError('ENOSPC')))
    const pieces = 160 // of 64 KiB: two blocks and a half
    for (let piece = 1; piece <= pieces; piece++)
      call.write(tapeKind.agentIn, piece, piece, Buffer.alloc(65_536))
    await windUntil(clock, () => spool.stats().lostRecords > 0)
    write.mockRestore()
    await windUntil(clock, () => spool.stats().waitingBytes < PAGE_BYTES)
    call.end()
    await spool.close()

    const files = await listSegments([dir])
    const split = await splitCall({ files, callId: 'a', target: join(dir, 'a.out') })
    const lost = spool.stats().lostRecords
    expect(lost).toBeLessThan(pieces / 2)
    expect(split).toMatchObject({ lostRecords: lost, isTorn: false })
    const kept = (await recordsIn(join(dir, 'a.out'))).map(({ kind, arg }) => `${kind}:${arg}`)
    const { agentIn, gap } = tapeKind
    const rest = Array.from({ length: pieces - lost }, (_, index) => index + lost + 1)
    expect(kept).toEqual([`${agentIn}:0`, `${gap}:0`, ...rest.map((arg) => `${agentIn}:${arg}`)])
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
    expect(spool.stats().usedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  test('says what a call has lost when nothing of it follows', async () => {
    const clock = handWoundClock()
    const spool = await aSpool({ clock, onError: () => {} })
    const write = vi
      .spyOn(await everyFile(dir), 'write')
      .mockImplementation(() => Promise.reject(diskError('ENOSPC')))
    spool.call('a').write(tapeKind.agentIn, 1, 1)
    await windUntil(clock, () => spool.stats().lostRecords === 1)
    write.mockRestore()
    await spool.flush()
    const files = await listSegments([dir])
    const split = await splitCall({ files, callId: 'a', target: join(dir, 'a.out') })
    expect(split).toMatchObject({ lostRecords: 1 })
    await spool.close()
  })

  test('does not hold up the end of the process', async () => {
    const errors: unknown[] = []
    const spool = await aSpool({ onError: (error) => void errors.push(error) })
    await rm(dir, { recursive: true })
    spool.call('a').write(tapeKind.agentIn, 1, 1)
    await spool.close()
    expect(errors.length).toBeGreaterThan(0)
    expect(spool.stats().lostRecords).toBeGreaterThan(0)
  })
})

test('a call that moved to another gateway becomes one tape, placed by the wall clocks', async () => {
  const other = join(dir, 'other')
  const first = await aSpool({ wallMs: () => 1_000_000 })
  const second = await aSpool({ dir: other, gateway: 'g2', wallMs: () => 1_005_000 })
  const before = first.call('a')
  before.write(tapeKind.agentIn, 1, 7_000_000)
  before.write(tapeKind.agentIn, 2, 8_000_000)
  const after = second.call('a')
  after.write(tapeKind.agentIn, 3, 100)
  after.write(tapeKind.agentIn, 4, 200)
  await first.close()
  await second.close()

  const target = join(dir, 'a.out')
  const split = await splitCall({ files: await listSegments([other, dir]), callId: 'a', target })
  expect(split?.legs.map(({ gateway }) => gateway)).toEqual(['g1', 'g2'])
  expect((await recordsIn(target)).map(({ arg, atUs }) => [arg, atUs])).toEqual([
    [1, 0],
    [2, 1_000_000],
    [3, 5_000_000],
    [4, 5_000_100],
  ])
})

test('a call that no segment knows has no tape, and leaves no file', async () => {
  const spool = await aSpool()
  spool.call('a').write(tapeKind.agentIn, 0, 1)
  await spool.close()
  const files = await listSegments([dir])
  expect(await splitCall({ files, callId: 'b', target: join(dir, 'b.out') })).toBeUndefined()
  expect(await readdir(dir)).toHaveLength(1)
})

/** Winds the clock on, a try of the disk at a time, until the spool has had enough. */
async function windUntil(clock: HandWoundClock, isEnough: () => boolean): Promise<void> {
  await vi.waitUntil(
    () => {
      clock.advance(250)
      return isEnough()
    },
    { timeout: 15_000, interval: 1 },
  )
}

/** The number on the last line that the child wrote, once it is past `least`. */
async function lastLineAfter(child: ChildProcess, least: number): Promise<number> {
  for await (const chunk of child.stdout!) {
    const number = Number(String(chunk).trim().split('\n').at(-1))
    if (number >= least) return number
  }
  throw new Error('The writer ended by itself')
}
