import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { MediaShape, Passage, Watched } from './voice-types.ts'
import { Frames, sequenceAt } from './voice-wire.ts'

const TCPDUMP = '/usr/bin/tcpdump'
const RING_KB = 65_536 // seconds of what is looked at, should tcpdump not get to run
const PCAP_HEAD = 24
const RECORD_HEAD = 16
const ETHERNET_HEAD = 14
const TEXT_FRAME = 0x81
const DROPPED = /(\d+) packets dropped by kernel/

/** Whether this system lets us see what passes on its loopback: tcpdump is there, and we may open the device. */
export const canCapture = existsSync(TCPDUMP) && spawnSync(TCPDUMP, ['-i', 'lo', '-L']).status === 0

/**
 * When the messages of some calls came to a gateway's sockets and left them, by the kernel's stamps of the packets. The
 * load's own clock tells the same of a relay; but it runs on a core with all that a product needs around it, and what
 * it is late itself stands in each of its delays.
 */
export class Capture {
  #process: ChildProcess
  #passages: readonly Passage[]
  #chunks: Buffer[] = []
  #said = ''
  #closed: Promise<unknown>

  private constructor(process: ChildProcess, passages: readonly Passage[]) {
    this.#process = process
    this.#passages = passages
    this.#closed = once(process, 'close')
    process.stdout!.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    process.stderr!.on('data', (text: Buffer) => {
      this.#said += text
    })
  }

  static async start({ ports, passages }: Watched): Promise<Capture> {
    const filter = ports.map((port) => `tcp port ${port}`).join(' or ')
    const child = spawn(
      TCPDUMP,
      ['-i', 'lo', '-n', '-s', '0', '-B', String(RING_KB), '-w', '-', filter],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const capture = new Capture(child, passages)
    await once(child.stderr!, 'data') // it says that it listens
    return capture
  }

  /** The delays so far, in milliseconds, of all messages that both came and left; ends the capture. */
  async delays(): Promise<number[]> {
    await this.stop()
    if (this.#said.match(DROPPED)?.[1] !== '0')
      throw new Error(`packets were missed: ${this.#said}`)
    return delaysOf(Buffer.concat(this.#chunks), this.#passages)
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGINT')
    await this.#closed
  }
}

/** What a capture in pcap's format (little-endian, microseconds, Ethernet, IPv4) tells of these passages, in milliseconds. */
export function delaysOf(pcap: Buffer, passages: readonly Passage[]): number[] {
  const delays: number[] = []
  const readers = new Map<string, StreamReader>()
  for (const { enters, leaves } of passages) {
    const enteredAt = new Map<number, number>()
    const entered = new StreamReader(enters.media, (sequence, ms) => enteredAt.set(sequence, ms))
    const left = new StreamReader(leaves.media, (sequence, ms) => {
      const since = enteredAt.get(sequence)
      if (since !== undefined) delays.push(ms - since)
      enteredAt.delete(sequence)
    })
    readers.set(`${enters.from} ${enters.to}`, entered)
    readers.set(`${leaves.from} ${leaves.to}`, left)
  }
  for (let at = PCAP_HEAD; at + RECORD_HEAD <= pcap.length; ) {
    const ms = pcap.readUInt32LE(at) * 1_000 + pcap.readUInt32LE(at + 4) / 1_000
    const ip = at + RECORD_HEAD + ETHERNET_HEAD
    const end = ip + pcap.readUInt16BE(ip + 2)
    const tcp = ip + (pcap[ip]! & 15) * 4
    const data = tcp + (pcap[tcp + 12]! >> 4) * 4
    if (end > data) {
      const reader = readers.get(`${pcap.readUInt16BE(tcp)} ${pcap.readUInt16BE(tcp + 2)}`)
      reader?.segment(pcap.subarray(data, end), pcap.readUInt32BE(tcp + 4), ms)
    }
    at += RECORD_HEAD + pcap.readUInt32LE(at + 8)
  }
  return delays
}

/** One direction of one connection: a message has come when its last byte has. */
class StreamReader {
  #frames: Frames | undefined
  #next = 0
  #ms = 0
  #take: (text: Buffer) => void

  constructor({ length, at }: MediaShape, seen: (sequence: number, ms: number) => void) {
    this.#take = (text) => {
      if (text.length === length) seen(sequenceAt(text, at), this.#ms)
    }
  }

  segment(bytes: Buffer, position: number, ms: number): void {
    // At the start of a capture, and after what it missed, at the next segment that begins as a message does.
    if (position !== this.#next || !this.#frames)
      this.#frames = bytes[0] === TEXT_FRAME ? new Frames(this.#take) : undefined
    this.#next = (position + bytes.length) >>> 0
    this.#ms = ms
    this.#frames?.push(bytes)
  }
}
