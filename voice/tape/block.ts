import { crc32 } from 'node:zlib'
import { tapeKind } from './format.ts'

export const FILE_MAGIC = 'VOXTAPE1'
export const FILE_HEAD_BYTES = 16
export const BLOCK_MAGIC = 0x314b4c42 // "BLK1"
export const BLOCK_HEAD_BYTES = 32
export const RECORD_HEAD_BYTES = 16
/** No reader asks for more memory than this, whatever a damaged head says. */
export const MAX_BLOCK_BYTES = 4_194_304
export const MAX_HEADER_BYTES = 65_536
const MAX_DELTA_US = 0xffff_ffff
const NO_CALL = 0xffff_ffff
const SPACE = ' '

/** A file's head, filled up to whole units: the magic, the length and checksum of a JSON header, and that header. */
export function fileHead(header: object, unitBytes = 1): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const missing = missingTo(unitBytes, FILE_HEAD_BYTES + text.length)
  const json = Buffer.concat([text, Buffer.alloc(missing, SPACE)])
  const head = Buffer.alloc(FILE_HEAD_BYTES)
  head.write(FILE_MAGIC, 'latin1')
  head.writeUInt32LE(json.length, 8)
  head.writeUInt32LE(crc32(json), 12)
  return Buffer.concat([head, json])
}

/** Gathers records into one buffer, whose head and checksum make it a block: the unit that is whole or not there. */
export class BlockWriter {
  /** The wall clock at the first record: what ties the block's monotonic time to a date. */
  wallMs = 0
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #unitBytes: number
  readonly #room: number
  #length = BLOCK_HEAD_BYTES
  #records = 0
  #baseUs = 0

  /** Sealed blocks are whole units: what a direct write takes. */
  constructor(bytes: Buffer, unitBytes = 1) {
    this.#bytes = bytes.subarray(0, MAX_BLOCK_BYTES)
    this.#unitBytes = unitBytes
    // Filling that has no room for its own head takes another unit.
    this.#room = this.#bytes.length - (unitBytes === 1 ? 0 : unitBytes + RECORD_HEAD_BYTES)
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  get length(): number {
    return this.#length
  }

  get records(): number {
    return this.#records
  }

  hasRoomFor(bytes: number): boolean {
    return this.#length + RECORD_HEAD_BYTES + bytes <= this.#room
  }

  /** False when there is no room. */
  append(kind: number, arg: number, call: number, atUs: number, data?: Uint8Array): boolean {
    const bytes = data === undefined ? 0 : data.length
    const at = this.#length
    if (at + RECORD_HEAD_BYTES + bytes > this.#room) return false
    if (this.#records === 0) this.#baseUs = atUs
    const view = this.#view
    view.setUint16(at, kind, true)
    view.setUint16(at + 2, arg, true)
    view.setUint32(at + 4, bytes, true)
    view.setUint32(at + 8, call, true)
    view.setUint32(at + 12, Math.min(Math.max(0, atUs - this.#baseUs), MAX_DELTA_US), true)
    if (data !== undefined) this.#bytes.set(data, at + RECORD_HEAD_BYTES)
    this.#length = at + RECORD_HEAD_BYTES + bytes
    this.#records++
    return true
  }

  /** The block as it goes to the file. Valid until `reset`. */
  seal(): Buffer {
    const view = this.#view
    this.#fill()
    view.setUint32(0, BLOCK_MAGIC, true)
    view.setUint32(4, this.#length - BLOCK_HEAD_BYTES, true)
    view.setUint32(12, this.#records, true)
    view.setFloat64(16, this.#baseUs, true)
    view.setFloat64(24, this.wallMs, true)
    view.setUint32(8, crc32(this.#bytes.subarray(12, this.#length)), true)
    return this.#bytes.subarray(0, this.#length)
  }

  #fill(): void {
    const missing = missingTo(this.#unitBytes, this.#length)
    if (missing === 0) return
    const filling = missing < RECORD_HEAD_BYTES ? missing + this.#unitBytes : missing
    const at = this.#length
    this.#view.setUint16(at, tapeKind.filling, true)
    this.#view.setUint16(at + 2, 0, true)
    this.#view.setUint32(at + 4, filling - RECORD_HEAD_BYTES, true)
    this.#view.setUint32(at + 8, NO_CALL, true)
    this.#view.setUint32(at + 12, 0, true)
    this.#length = at + filling
    this.#bytes.fill(0, at + RECORD_HEAD_BYTES, this.#length)
  }

  reset(): void {
    this.#length = BLOCK_HEAD_BYTES
    this.#records = 0
  }
}

const missingTo = (unitBytes: number, bytes: number): number =>
  (unitBytes - (bytes % unitBytes)) % unitBytes
