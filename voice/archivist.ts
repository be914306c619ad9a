import { type ChildProcess, fork } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Logger } from '#api/core/log.ts'
import type { Clock, Timer } from './clock.ts'
import { listSegments } from './tape/reader.ts'
import { listCalls } from './tape/split.ts'
import type { Spool } from './tape/spool.ts'

const RETRY_MS = 2_000 // a call that moved to another gateway is settled by that one, or by the sweep
const OTHERS_FLUSH_MS = 500 // twice what other gateways of the machine keep a call's last words from the disk
const MAX_TRIES = 900 // half an hour, within which every call is settled; later lives of the gateway try again
const RESTART_MS = 1_000
const SPOOL_FOLDER = 'tape'

export const archiveRequest = z.object({
  organizationId: z.uuid(),
  callId: z.uuid(),
  label: z.string(),
  /** The folder with the spools of all gateways of this machine. */
  spoolRoot: z.string(),
  /** All of the call is on the disk: it was known to be settled before its gateways last wrote. */
  isWhole: z.boolean(),
})
export type ArchiveRequest = z.output<typeof archiveRequest>

/** `settled`: it is, and will be recorded when all of it is on the disk. `later`: it is not yet, or something that will pass stood in the way. */
export const archiveAnswer = z.object({
  label: z.string(),
  outcome: z.enum(['stored', 'known', 'empty', 'settled', 'later']),
})

/** The name under which a call's records stand in the spool. */
export const tapeLabel = (call: { organizationId: string; callId: string }): string =>
  `${call.organizationId}:${call.callId}`

/** Every segment on this machine: a call that moved wrote its tape at several gateways. */
export async function segmentsBelow(spoolRoot: string): Promise<string[]> {
  const gateways = await readdir(spoolRoot)
  return await listSegments(gateways.map((gateway) => spoolFolder(spoolRoot, gateway)))
}

export const spoolFolder = (root: string, gateway: string): string =>
  path.join(root, gateway, SPOOL_FOLDER)

/**
 * Has finished calls turned into recordings by a process of its own, so that rendering never competes with
 * media for this one's thread, and frees the spool once a recording is stored.
 */
export class Archivist {
  readonly #root: string
  readonly #spool: Spool
  readonly #clock: Clock
  readonly #log: Logger
  readonly #program: string
  readonly #tries = new Map<string, number>()
  readonly #leftovers = new Map<string, Set<string>>()
  readonly #timers = new Set<Timer>()
  #child: ChildProcess | null = null
  #stopped = false

  constructor(options: { root: string; spool: Spool; clock: Clock; log: Logger; program: string }) {
    this.#root = options.root
    this.#spool = options.spool
    this.#clock = options.clock
    this.#log = options.log
    this.#program = options.program
    this.#start()
  }

  get waiting(): number {
    return this.#tries.size
  }

  /** A call of this gateway is over; its recording is made as soon as it is settled. */
  callOver(call: { organizationId: string; callId: string }): void {
    const label = tapeLabel(call)
    if (this.#stopped || this.#tries.has(label)) return
    this.#tries.set(label, 0)
    this.#ask(label)
  }

  /** What earlier lives of this gateway left in its folder. */
  async takeLeftovers(): Promise<void> {
    for (const file of this.#spool.leftovers) {
      const labels = new Set(await listCalls([file]))
      this.#leftovers.set(file, labels)
      for (const label of labels) {
        if (this.#tries.has(label)) continue
        this.#tries.set(label, 0)
        this.#ask(label)
      }
      if (labels.size === 0) await this.#releaseLeftover(file)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    const child = this.#child
    if (!child || child.exitCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.disconnect()
    await gone
  }

  #start(): void {
    const child = fork(this.#program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', (message) => {
      this.#answered(message).catch((error: unknown) => {
        this.#log.error({ err: error }, 'an answer of the archiver could not be dealt with')
      })
    })
    child.on('error', (error) => this.#log.error({ err: error }, 'the archiver failed'))
    child.once('exit', (code) => {
      if (this.#stopped) return
      this.#log.warn({ code }, 'the archiver ended and is started again')
      this.#later(RESTART_MS, () => {
        this.#start()
        for (const label of this.#tries.keys()) this.#ask(label)
      })
    })
  }

  #ask(label: string, isWhole = false): void {
    if (!this.#child?.connected) return // its successor is asked for all that wait
    const [organizationId = '', callId = ''] = label.split(':')
    const request = { organizationId, callId, label, spoolRoot: this.#root, isWhole }
    this.#child.send(request satisfies ArchiveRequest)
  }

  async #answered(message: unknown): Promise<void> {
    const { label, outcome } = archiveAnswer.parse(message)
    if (outcome === 'later') return this.#again(label)
    if (outcome === 'settled') {
      // Only what is written from now on has all of it: a stream of the call may have ended a moment ago.
      await this.#spool.flush()
      this.#later(OTHERS_FLUSH_MS, () => this.#ask(label, true))
      return
    }
    this.#tries.delete(label)
    try {
      await this.#spool.release(label)
      for (const [file, labels] of this.#leftovers) {
        labels.delete(label)
        if (labels.size === 0) await this.#releaseLeftover(file)
      }
    } catch (error) {
      this.#log.error({ err: error }, 'the spool could not be freed')
    }
  }

  #again(label: string): void {
    const tries = (this.#tries.get(label) ?? 0) + 1
    if (tries > MAX_TRIES) {
      this.#tries.delete(label)
      this.#log.error({ label }, 'a recording was given up; its tape stays in the spool')
      return
    }
    this.#tries.set(label, tries)
    this.#later(RETRY_MS, () => this.#ask(label))
  }

  async #releaseLeftover(file: string): Promise<void> {
    this.#leftovers.delete(file)
    await this.#spool.removeLeftover(file)
  }

  #later(ms: number, run: () => void): void {
    if (this.#stopped) return
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }
}
