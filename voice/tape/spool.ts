import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../clock.ts'
import { BlockWriter, fileHead, RECORD_HEAD_BYTES } from './block.ts'
import { alignedBytes, beginDirect, PAGE_BYTES, writeAll } from './direct-file.ts'
import { TAPE_VERSION, type TapeCall, type TapeKind, tapeKind } from './format.ts'
import { listSegments } from './reader.ts'
import { lostWith, remainsOf } from './remains.ts'

const FLUSH_MS = 250 // what a kill -9 may cost
const FLUSH_BYTES = 524_288 // smaller writes cost more calls, of larger ones the checksum holds up the frames
const BLOCK_BYTES = 4_194_304 // the most that a reader takes
const MAX_BLOCKS = 8 // three seconds of hundreds of calls may wait for a slow disk
const DECLARED_BYTES = 128 // a call's name, with its record's head
const SYNC_MS = 1_000 // what a power cut may cost
const SEGMENT_BYTES = 67_108_864 // small enough that finished calls soon free disk, large enough to be few
const MAX_BYTES = 1_073_741_824 // F11: a full spool costs recordings, never calls
const WRITE_TRIES = 240 // a minute of a disk that refuses; by then every block is full
const NOTHING = Buffer.alloc(0)
const RECORD_BYTES = 1_048_576 // longer than any message a socket lets through

export type SpoolOptions = {
  dir: string
  /** Names this gateway in tapes. */
  gateway: string
  clock: Clock
  wallMs?: () => number
  /** What all its files may take together. */
  maxBytes?: number | undefined
  segmentBytes?: number
  /** A write failed: it is tried again, and records are lost only when there is no more room for them. */
  onError(error: unknown): void
}

type Segment = {
  index: number
  path: string
  /** Its length once all that waits for the disk is written. */
  bytes: number
  /** How far it is written. */
  writtenBytes: number
  calls: Set<string>
  /** Which call a number means in this file. */
  names: Map<number, string>
  /** The file is closed: it goes once its calls are released. */
  isComplete: boolean
}

/** What is to be written in place of blocks that were given up. */
type Remains = { segment: Segment; at: number; bytes: Buffer }

export type SpoolStats = {
  usedBytes: number
  maxBytes: number
  waitingBytes: number
  lostRecords: number
  /** Tries that the disk refused; each is repeated. */
  failedWrites: number
  segments: number
}

/** Where every call of this process writes its tape: one append-only file at a time, in blocks. */
export class Spool {
  /** Segments that earlier processes left behind. */
  readonly leftovers: readonly string[]
  readonly #options: SpoolOptions
  readonly #instance: string
  readonly #segmentBytes: number
  readonly #maxBytes: number
  #active: BlockWriter
  #spares: BlockWriter[] = []
  #blocks = 0
  #sealedBytes = 0
  #segments: Segment[] = []
  #segment: Segment
  #file: { handle: FileHandle; segment: Segment } | undefined
  #remains: Remains[] = []
  #usedBytes: number
  #lostRecords = 0
  #failedWrites = 0
  #callNumber = 0
  #timer: Timer | undefined
  #isSoon = false
  #lastSyncMs = 0
  #work: Promise<void> = Promise.resolve()
  /** Sealed blocks that are not on the disk. */
  #toWrite = 0
  #isClosing = false
  #isClosed = false

  static async open(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.dir, { recursive: true })
    const leftovers = await listSegments([options.dir])
    let usedBytes = 0
    for (const path of leftovers) usedBytes += (await stat(path)).size
    return new Spool(options, leftovers, usedBytes)
  }

  private constructor(options: SpoolOptions, leftovers: string[], usedBytes: number) {
    this.#options = options
    this.leftovers = leftovers
    this.#usedBytes = usedBytes
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
    this.#maxBytes = options.maxBytes ?? MAX_BYTES
    this.#instance = `${this.#wallMs().toString(36)}-${randomBytes(4).toString('hex')}`
    this.#segment = this.#newSegment()
    this.#active = this.#newBlock()
  }

  call(callId: string): TapeCall {
    const call = new SpoolCall(this, callId, this.#callNumber++)
    return call
  }

  /** Resolves when everything written so far is on the disk, or was given up; never rejects. */
  async flush(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      this.#flush(true)
      await this.#work
    }
  }

  /** The files that hold records of a call of this process. */
  filesOf(callId: string): string[] {
    return this.#segments.filter(({ calls }) => calls.has(callId)).map(({ path }) => path)
  }

  /** The call's tape is kept elsewhere now; a segment goes with its last call. */
  async release(callId: string): Promise<void> {
    for (const segment of this.#segments) segment.calls.delete(callId)
    await this.#removeReleased()
  }

  /** The same for a segment that an earlier process left behind, once all its calls are kept elsewhere. */
  async removeLeftover(path: string): Promise<void> {
    if (!this.leftovers.includes(path)) throw new Error('Not a leftover of this spool')
    const { size } = await stat(path)
    await unlink(path)
    this.#usedBytes -= size
  }

  stats(): SpoolStats {
    return {
      usedBytes: this.#usedBytes,
      maxBytes: this.#maxBytes,
      waitingBytes: this.#active.length + this.#sealedBytes,
      lostRecords: this.#lostRecords,
      failedWrites: this.#failedWrites,
      segments: this.#segments.length + this.leftovers.length,
    }
  }

  /** Everything written so far is kept; what comes after is lost. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#timer?.cancel()
    await this.flush()
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#file?.handle.close()
    this.#file = undefined
  }

  /** For `SpoolCall`: false when the record was lost. */
  write(call: SpoolCall, kind: TapeKind, arg: number, atUs: number, data?: Uint8Array): boolean {
    const bytes = data === undefined ? 0 : data.length
    // That a call misses something is said at its end however full it is: so little a call is no matter.
    const isFull = this.#usedBytes + this.#active.length > this.#maxBytes && !call.isEnded
    if (this.#isClosed || bytes > RECORD_BYTES || isFull) {
      this.#lostRecords++
      return false
    }
    if (!this.#active.hasRoomFor(DECLARED_BYTES + bytes)) this.#flush(false)
    const block = this.#active
    if (block.records === 0) block.wallMs = this.#wallMs()
    if (call.segment !== this.#segment && !this.#declare(call, atUs, bytes)) return false
    if (!block.append(kind, arg, call.number, atUs, data)) {
      this.#lostRecords++
      return false
    }
    if (block.length >= FLUSH_BYTES) this.#flushSoon()
    else this.#timer ??= this.#options.clock.after(FLUSH_MS, () => this.#onTimer())
    return true
  }

  /** Every segment says for itself which call a number means. */
  #declare(call: SpoolCall, atUs: number, bytes: number): boolean {
    const name = Buffer.from(JSON.stringify({ callId: call.callId }))
    if (!this.#active.hasRoomFor(name.length + RECORD_HEAD_BYTES + bytes)) {
      this.#lostRecords++
      return false
    }
    call.segment = this.#segment
    this.#segment.calls.add(call.callId)
    this.#segment.names.set(call.number, call.callId)
    return this.#active.append(tapeKind.open, 0, call.number, atUs, name)
  }

  #onTimer(): void {
    this.#timer = undefined
    // While the disk is busy what comes gathers; `#write` looks after it.
    if (this.#toWrite === 0) this.#flush(false)
  }

  /** Not in the frame handler that filled the block. */
  #flushSoon(): void {
    if (this.#isSoon || this.#toWrite > 0) return
    this.#isSoon = true
    setImmediate(() => {
      this.#isSoon = false
      this.#flush(false)
    })
  }

  #flush(mustSync: boolean): void {
    if (this.#isClosed) return
    const block = this.#active
    if (block.records === 0 && !mustSync) return
    const spare = this.#spares.pop() ?? (this.#blocks < MAX_BLOCKS ? this.#newBlock() : undefined)
    if (!spare) return
    const segment = this.#segment
    // What was written before may still have to be synced: then there is nothing to write and all else is the same.
    const bytes = block.records === 0 ? NOTHING : block.seal()
    this.#active = spare
    segment.bytes += bytes.length
    this.#usedBytes += bytes.length
    if (segment.bytes >= this.#segmentBytes) this.#segment = this.#newSegment()
    this.#toWrite++
    this.#sealedBytes += bytes.length
    this.#work = this.#work.then(() => this.#write(block, bytes, segment, mustSync))
  }

  /** Never rejects. */
  async #write(
    block: BlockWriter,
    bytes: Buffer,
    segment: Segment,
    mustSync: boolean,
  ): Promise<void> {
    for (let tries = 1; !(await this.#tryWrite(bytes, segment, mustSync)); tries++) {
      if (this.#isClosing || tries >= WRITE_TRIES) {
        if (bytes.length > 0) this.#giveUp(bytes, segment)
        break
      }
      await this.#pause()
    }
    this.#keep(block)
    this.#sealedBytes -= bytes.length
    this.#toWrite--
    if (this.#toWrite > 0) return
    if (this.#active.length >= FLUSH_BYTES) this.#flushSoon()
    else if (this.#active.records > 0)
      this.#timer ??= this.#options.clock.after(FLUSH_MS, () => this.#onTimer())
  }

  #newBlock(): BlockWriter {
    this.#blocks++
    return new BlockWriter(alignedBytes(BLOCK_BYTES), PAGE_BYTES)
  }

  /** One is enough while the disk keeps up; what a slow one took is given back. */
  #keep(block: BlockWriter): void {
    if (this.#spares.length > 0) this.#blocks--
    else this.#spares.push(block)
    block.reset()
  }

  async #tryWrite(bytes: Buffer, segment: Segment, mustSync: boolean): Promise<boolean> {
    try {
      await this.#writeRemains()
      // A block that was written in part is written over when it is tried again, or by the next.
      const at = segment.writtenBytes
      if (bytes.length > 0) await writeAll(await this.#fileOf(segment), bytes, at)
      await this.#sync(mustSync)
      segment.writtenBytes += bytes.length
      return true
    } catch (error) {
      this.#failedWrites++
      this.#options.onError(error)
      return false
    }
  }

  #giveUp(lost: Buffer, segment: Segment): void {
    const before = this.#remains.at(-1)?.segment === segment ? this.#remains.pop() : undefined
    const from = before?.at ?? segment.writtenBytes
    const bytes = remainsOf(before ? [before.bytes, lost] : [lost], segment.names)
    this.#remains.push({ segment, at: from, bytes })
    const to = from + bytes.length
    const grown = to - segment.writtenBytes - lost.length
    this.#usedBytes += grown
    segment.bytes += grown
    segment.writtenBytes = to
    this.#lostRecords += lostWith(lost)
  }

  async #writeRemains(): Promise<void> {
    for (let [first] = this.#remains; first; [first] = this.#remains) {
      await writeAll(await this.#fileOf(first.segment), first.bytes, first.at)
      this.#remains.shift()
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(FLUSH_MS, resolve)
    })
  }

  async #fileOf(segment: Segment): Promise<FileHandle> {
    if (this.#file?.segment === segment) return this.#file.handle
    const before = this.#file
    if (before) {
      await before.handle.datasync()
      this.#file = undefined
      before.segment.isComplete = true
      await before.handle.close()
      await this.#removeReleased()
    }
    const handle = await beginDirect(segment.path, this.#head(segment))
    this.#file = { handle, segment }
    return handle
  }

  async #sync(must: boolean): Promise<void> {
    const nowMs = this.#options.clock.nowMs()
    if (!must && nowMs - this.#lastSyncMs < SYNC_MS) return
    await this.#file?.handle.datasync()
    this.#lastSyncMs = nowMs
  }

  #newSegment(): Segment {
    const index = this.#segments.length === 0 ? 0 : this.#segments.at(-1)!.index + 1
    const name = `${this.#instance}-${String(index).padStart(6, '0')}.tape`
    const segment: Segment = {
      index,
      path: join(this.#options.dir, name),
      bytes: 0,
      writtenBytes: 0,
      calls: new Set(),
      names: new Map(),
      isComplete: false,
    }
    segment.bytes = this.#head(segment).length
    segment.writtenBytes = segment.bytes
    this.#usedBytes += segment.bytes
    this.#segments.push(segment)
    return segment
  }

  #head(segment: Segment): Buffer {
    const { index } = segment
    const { gateway } = this.#options
    const header = {
      version: TAPE_VERSION,
      holds: 'spool',
      gateway,
      instance: this.#instance,
      index,
    }
    return fileHead(header, PAGE_BYTES)
  }

  async #removeReleased(): Promise<void> {
    for (const segment of this.#segments.filter((it) => it.isComplete && it.calls.size === 0)) {
      this.#segments.splice(this.#segments.indexOf(segment), 1)
      await unlink(segment.path)
      this.#usedBytes -= segment.bytes
    }
  }

  #wallMs(): number {
    return (this.#options.wallMs ?? Date.now)()
  }
}

class SpoolCall implements TapeCall {
  readonly callId: string
  readonly number: number
  segment: Segment | undefined
  isEnded = false
  #spool: Spool
  #lost = 0
  #lostUs = 0

  constructor(spool: Spool, callId: string, number: number) {
    this.#spool = spool
    this.callId = callId
    this.number = number
  }

  write(kind: TapeKind, arg: number, atUs: number, data?: Uint8Array): void {
    if (this.isEnded) return
    if (this.#lost > 0 && !this.#tellGap(atUs)) return
    if (!this.#spool.write(this, kind, arg, atUs, data)) this.#lose(atUs)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    if (this.#lost > 0) this.#tellGap(this.#lostUs)
  }

  #lose(atUs: number): void {
    this.#lost++
    this.#lostUs = atUs
  }

  /** A tape that misses something says where, and how much. */
  #tellGap(atUs: number): boolean {
    const gap = Buffer.from(JSON.stringify({ lostRecords: this.#lost }))
    if (this.#spool.write(this, tapeKind.gap, 0, atUs, gap)) {
      this.#lost = 0
      return true
    }
    this.#lose(atUs)
    return false
  }
}
