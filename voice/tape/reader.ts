import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import {
  BLOCK_HEAD_BYTES,
  BLOCK_MAGIC,
  FILE_HEAD_BYTES,
  FILE_MAGIC,
  MAX_BLOCK_BYTES,
  MAX_HEADER_BYTES,
  RECORD_HEAD_BYTES,
} from './block.ts'
import { TAPE_VERSION, tapeKind } from './format.ts'

const version = z.literal([1, TAPE_VERSION])
const leg = z.object({ gateway: z.string(), instance: z.string(), wallMs: z.number() })
const spoolHeader = z.object({
  version,
  holds: z.literal('spool'),
  gateway: z.string(),
  instance: z.string(),
  index: z.int().nonnegative(),
})
const tapeHeader = z.object({
  version,
  holds: z.literal('call'),
  callId: z.string(),
  legs: z.array(leg).min(1),
})
const header = z.discriminatedUnion('holds', [spoolHeader, tapeHeader])

export type TapeLeg = z.output<typeof leg>
export type TapeHeader = z.output<typeof header>
export type TapeRecord = {
  kind: number
  arg: number
  /** In a spool the number of the call; in a call's tape the index of its leg. */
  call: number
  atUs: number
  /** Valid until the next block is read. */
  data: Buffer
}

const gap = z.object({ lostRecords: z.int() })

/** How many records a gap stands for. */
export const lostIn = (record: Pick<TapeRecord, 'data'>): number =>
  gap.parse(JSON.parse(record.data.toString('utf8'))).lostRecords

/** A whole block: its records, and both clocks at the first of them. */
export class TapeBlock {
  readonly baseUs: number
  readonly wallMs: number
  #body: Buffer

  constructor(head: Buffer, body: Buffer) {
    this.baseUs = head.readDoubleLE(16)
    this.wallMs = head.readDoubleLE(24)
    this.#body = body
  }

  *records(): Generator<TapeRecord> {
    const body = this.#body
    for (let at = 0, next = 0; at + RECORD_HEAD_BYTES <= body.length; at = next) {
      const kind = body.readUInt16LE(at)
      const bytes = body.readUInt32LE(at + 4)
      const from = at + RECORD_HEAD_BYTES
      next = from + bytes
      if (kind === tapeKind.filling) continue
      yield {
        kind,
        arg: body.readUInt16LE(at + 2),
        call: body.readUInt32LE(at + 8),
        atUs: this.baseUs + body.readUInt32LE(at + 12),
        data: body.subarray(from, from + bytes),
      }
    }
  }
}

/** Reads a spool's segment or a call's tape. What follows a block that is not whole is not there. */
export class TapeReader {
  readonly header: TapeHeader
  /** The file ends within a block: the process was killed while it wrote. */
  isTorn = false
  #handle: FileHandle
  #at: number

  private constructor(handle: FileHandle, read: TapeHeader, at: number) {
    this.#handle = handle
    this.header = read
    this.#at = at
  }

  /** Undefined when the file is no tape, or was torn before it said what it is. */
  static async open(path: string): Promise<TapeReader | undefined> {
    const handle = await open(path, 'r')
    try {
      const read = await readHeader(handle)
      if (read) return new TapeReader(handle, read.header, read.bytes)
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
    return undefined
  }

  async *blocks(): AsyncGenerator<TapeBlock> {
    try {
      for (;;) {
        const head = await this.#read(BLOCK_HEAD_BYTES)
        if (head.length === 0) return
        const block = await this.#block(head)
        if (!block) {
          this.isTorn = true
          return
        }
        yield block
      }
    } finally {
      await this.#handle.close()
    }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async #block(head: Buffer): Promise<TapeBlock | undefined> {
    if (head.length < BLOCK_HEAD_BYTES || head.readUInt32LE(0) !== BLOCK_MAGIC) return undefined
    const bytes = head.readUInt32LE(4)
    if (bytes > MAX_BLOCK_BYTES) return undefined
    const body = await this.#read(bytes)
    if (body.length < bytes) return undefined
    if (crc32(body, crc32(head.subarray(12))) !== head.readUInt32LE(8)) return undefined
    return new TapeBlock(head, body)
  }

  async #read(bytes: number): Promise<Buffer> {
    const read = await readAt(this.#handle, this.#at, bytes)
    this.#at += read.length
    return read
  }
}

const SEGMENT_NAME = /^[0-9a-z]+-[0-9a-f]{8}-\d{6}\.tape$/

/** The segments in these directories, each process's in the order in which it wrote them. */
export async function listSegments(dirs: readonly string[]): Promise<string[]> {
  const paths: string[] = []
  for (const dir of dirs) {
    for (const name of await readdir(dir)) if (SEGMENT_NAME.test(name)) paths.push(join(dir, name))
  }
  return paths.sort()
}

async function readHeader(
  handle: FileHandle,
): Promise<{ header: TapeHeader; bytes: number } | undefined> {
  const head = await readAt(handle, 0, FILE_HEAD_BYTES)
  if (head.length < FILE_HEAD_BYTES || head.toString('latin1', 0, 8) !== FILE_MAGIC)
    return undefined
  const bytes = head.readUInt32LE(8)
  if (bytes > MAX_HEADER_BYTES) return undefined
  const json = await readAt(handle, FILE_HEAD_BYTES, bytes)
  if (json.length < bytes || crc32(json) !== head.readUInt32LE(12)) return undefined
  const read = header.safeParse(JSON.parse(json.toString('utf8')))
  return read.success ? { header: read.data, bytes: FILE_HEAD_BYTES + bytes } : undefined
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  let done = 0
  while (done < bytes) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}
