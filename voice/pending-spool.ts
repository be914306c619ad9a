import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { turn } from '#contracts/transcripts'

const ASIDE = '.refused'

const pendingCall = z.object({
  organizationId: z.uuid(),
  callId: z.uuid(),
  epoch: z.int(),
  createdAt: z.iso.datetime(),
  turns: z.array(turn),
})
export type PendingCall = z.output<typeof pendingCall>

/**
 * Turns that Postgres could not take yet, on disk before anybody is shown them (THREATS F7). One file a stream of a
 * call, replaced whole: a kill leaves the old list or the new one.
 */
export class PendingSpool {
  /** Files that an earlier life of this gateway left behind, or a stream of this one: nobody writes to them. */
  readonly leftovers: ReadonlySet<string>
  readonly #folder: string
  readonly #leftovers: Set<string>

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    this.#leftovers = new Set(readdirSync(folder).filter((name) => name.endsWith('.json')))
    this.leftovers = this.#leftovers
  }

  /** On disk when it resolves. One at a time of a stream, and none while it is dropped. */
  async keep(call: PendingCall): Promise<void> {
    const written = JSON.stringify(call)
    const file = path.join(this.#folder, nameOf(call))
    const fresh = `${file}.new`
    const handle = await open(fresh, 'w')
    try {
      await handle.writeFile(written)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  }

  async drop(call: { callId: string; epoch: number }): Promise<void> {
    const name = nameOf(call)
    await rm(path.join(this.#folder, name), { force: true })
    this.#leftovers.delete(name)
  }

  /** Its stream has given up writing. */
  leave(call: { callId: string; epoch: number }): void {
    this.#leftovers.add(nameOf(call))
  }

  readLeftover(name: string): PendingCall {
    return pendingCall.parse(JSON.parse(readFileSync(path.join(this.#folder, name), 'utf8')))
  }

  /** Keeps a file that cannot be stored where nobody tries again. */
  setAside(name: string): void {
    this.#leftovers.delete(name)
    const file = path.join(this.#folder, name)
    renameSync(file, `${file}${ASIDE}`)
  }

  dropLeftover(name: string): void {
    rmSync(path.join(this.#folder, name), { force: true })
    this.#leftovers.delete(name)
  }

  /** Streams whose turns wait here for the database. */
  get depth(): number {
    return this.#count('.json')
  }

  get setAsideCount(): number {
    return this.#count(ASIDE)
  }

  #count(ending: string): number {
    return readdirSync(this.#folder).filter((name) => name.endsWith(ending)).length
  }
}

const nameOf = (call: { callId: string; epoch: number }): string =>
  `${call.callId}.${call.epoch}.json`
