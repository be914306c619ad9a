import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { turn } from '#contracts/transcripts'

const pendingCall = z.object({
  organizationId: z.uuid(),
  callId: z.uuid(),
  createdAt: z.iso.datetime(),
  turns: z.array(turn),
})
export type PendingCall = z.output<typeof pendingCall>

/**
 * Turns that Postgres could not take yet, on disk before anybody is shown them (THREATS F7). One file a call,
 * replaced whole: a kill leaves the old list or the new one.
 */
export class PendingSpool {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  keep(call: PendingCall): void {
    const file = this.#file(call.callId)
    const fresh = `${file}.new`
    const handle = openSync(fresh, 'w')
    try {
      writeSync(handle, JSON.stringify(call))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, file)
  }

  drop(callId: string): void {
    rmSync(this.#file(callId), { force: true })
  }

  /** What an earlier life of this gateway left behind. */
  list(): PendingCall[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) =>
        pendingCall.parse(JSON.parse(readFileSync(path.join(this.#folder, name), 'utf8'))),
      )
  }

  get depth(): number {
    return readdirSync(this.#folder).length
  }

  #file(callId: string): string {
    return path.join(this.#folder, `${callId}.json`)
  }
}
