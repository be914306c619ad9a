import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { type CallNote, linkConversation, type RunningCall } from '#api/domains/calls/service.ts'
import { masked, recordTurns, recoverTurns } from '#api/domains/transcripts/service.ts'
import type { Turn } from '#contracts/transcripts'
import type { Clock } from './clock.ts'
import type { PendingSpool } from './pending-spool.ts'
import type { TimelineWriter } from './timeline-writer.ts'
import { writeRows } from './write-rows.ts'

const MAX_PENDING_NOTES = 2_000 // A call writes a few notes a minute; this is hours without a database.
const BATCH = 100
const RETRY_MS = 1_000 // a database that is away is asked this often by each call

/**
 * Brings one call's turns, conversation and notes into the database, in order, off the media path. A turn is told to
 * `committed` only after it is stored; while the database is away it waits on disk.
 */
export class CallRecords {
  readonly #ctx: Context
  readonly #call: RunningCall
  readonly #spool: PendingSpool
  readonly #timeline: TimelineWriter
  readonly #clock: Clock
  readonly #tell: { committed(turns: readonly Turn[]): void; pending(turn: Turn): void }
  #turns: Turn[] = []
  #notes: CallNote[] = []
  #flushing: Promise<boolean> | null = null
  /** The newest conversation, until the call knows it: later webhooks find the call by it. */
  #conversationId: string | null = null
  #spooled = false
  /** Those of the turns that are not on disk as they are now. */
  readonly #unkept = new Set<Turn>()
  #keeping: Promise<void> | null = null
  #isDiskRefusing = false
  #isRefusalTold = false
  #isLeft = false
  #fenced = false
  #retryAtMs = Number.NEGATIVE_INFINITY

  constructor(
    ctx: Context,
    call: RunningCall,
    kept: { spool: PendingSpool; timeline: TimelineWriter; clock: Clock },
    tell: {
      committed(turns: readonly Turn[]): void
      /** On disk, not in the database: may be shown as what is not final yet. */
      pending(turn: Turn): void
    },
  ) {
    this.#ctx = ctx
    this.#call = call
    this.#spool = kept.spool
    this.#timeline = kept.timeline
    this.#clock = kept.clock
    this.#tell = tell
  }

  get waiting(): boolean {
    return (this.isUrgent || this.#notes.length > 0) && !this.#fenced && !this.#isLeft
  }

  /** Somebody reads along, or a webhook may ask: more than notes waits. */
  get isUrgent(): boolean {
    const isWaiting = this.#turns.length > 0 || this.#conversationId !== null
    return isWaiting && !this.#fenced && !this.#isLeft
  }

  /** Masked here already: what waits on disk and is shown meanwhile is kept and seen too (THREATS T50). */
  addTurn(heard: Turn): void {
    const turn = masked(heard)
    const known = this.#turns.findIndex((one) => one.seq === turn.seq)
    if (known >= 0) {
      this.#unkept.delete(this.#turns[known]!)
      this.#turns[known] = turn
    } else this.#turns.push(turn)
    this.#unkept.add(turn)
    if (this.#spooled) void this.#keep()
  }

  addNote(kind: string, data: Record<string, unknown> = {}): void {
    if (this.#notes.length >= MAX_PENDING_NOTES) return
    this.#notes.push({ id: randomUUIDv7(), at: this.#ctx.now(), kind, data })
  }

  addConversation(conversationId: string): void {
    this.#conversationId = conversationId
  }

  /** True when nothing is left to write. One flush at a time; a second caller gets the first one's answer. */
  flush(): Promise<boolean> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  async #flushOnce(): Promise<boolean> {
    if (this.#isLeft || this.#clock.nowMs() < this.#retryAtMs) return false
    try {
      while (this.#turns.length > 0 && !this.#fenced) await this.#writeTurns()
      if (this.#conversationId !== null && !this.#fenced) await this.#link(this.#conversationId)
      while (this.#notes.length > 0 && !this.#fenced) await this.#writeNotes()
      return true
    } catch (error) {
      this.#ctx.log.debug({ err: error, callId: this.#call.callId }, 'records were not written yet')
      this.#retryAtMs = this.#clock.nowMs() + RETRY_MS
      await this.#keep()
      return false
    }
  }

  async #writeTurns(): Promise<void> {
    const batch = this.#turns.slice(0, BATCH)
    let stored: Turn[] | null = []
    const refused = await writeRows(batch, async (turns) => {
      const written = await this.#store(turns)
      stored = written && stored && [...stored, ...written]
    })
    // A correction that came meanwhile stands in the list in place of what was written: it stays for the next round.
    this.#turns = this.#turns.filter((turn) => !batch.includes(turn))
    for (const turn of batch) this.#unkept.delete(turn)
    if (stored) this.#tell.committed(stored)
    else this.#fenced = true
    this.#tellRefused('turns', refused)
    if (this.#spooled) await this.#dropWhenDone()
  }

  async #dropWhenDone(): Promise<void> {
    // A write that is under way would bring the file back.
    await this.#keeping
    if (this.#turns.length > 0 && !this.#fenced) return
    this.#spooled = false
    await this.#spool.drop(this.#call)
  }

  /** What is on disk is stored even if another owner has the call by now, as it would be after a restart. */
  async #store(batch: readonly Turn[]): Promise<Turn[] | null> {
    const stored = await recordTurns(this.#ctx, this.#call, batch)
    return stored ?? (this.#spooled ? recoverTurns(this.#ctx, this.#call, batch) : null)
  }

  async #link(conversationId: string): Promise<void> {
    const refused = await writeRows([conversationId], () =>
      linkConversation(this.#ctx, this.#call, conversationId),
    )
    this.#tellRefused('conversation', refused)
    if (this.#conversationId === conversationId) this.#conversationId = null
  }

  async #writeNotes(): Promise<void> {
    const batch = this.#notes.slice(0, BATCH)
    const refused = await writeRows(batch, (notes) => this.#timeline.write(this.#call, notes))
    this.#notes = this.#notes.slice(batch.length)
    this.#tellRefused('notes', refused)
  }

  /** What is refused is lost, or all later ones would wait behind it; the call's history says so once. */
  #tellRefused(what: string, refused: readonly { error: unknown }[]): void {
    const [first] = refused
    if (!first || this.#isRefusalTold) return
    this.#isRefusalTold = true
    const { callId } = this.#call
    this.#ctx.log.error({ err: first.error, callId, what }, 'records were refused')
    this.addNote('records.refused', { what, count: refused.length })
  }

  /** Writes no more: what is on disk is stored by whoever looks through what was left there. */
  async leave(): Promise<void> {
    await this.#keep()
    if (!this.#spooled) return
    this.#isLeft = true
    this.#spool.leave(this.#call)
  }

  /** One write at a time; what is said meanwhile goes with the next. */
  #keep(): Promise<void> {
    this.#keeping ??= this.#keepAll().finally(() => {
      this.#keeping = null
    })
    return this.#keeping
  }

  /** What a disk refuses waits in memory, shown to nobody, until the next try. */
  async #keepAll(): Promise<void> {
    while (this.#unkept.size > 0) {
      if (!(await this.#isKept([...this.#unkept]))) return
    }
  }

  async #isKept(unkept: readonly Turn[]): Promise<boolean> {
    try {
      await this.#spool.keep({
        organizationId: this.#call.organizationId,
        callId: this.#call.callId,
        epoch: this.#call.epoch,
        createdAt: this.#call.createdAt.toISOString(),
        turns: this.#turns,
      })
    } catch (error) {
      this.#tellDiskRefuses(error)
      return false
    }
    this.#isDiskRefusing = false
    this.#spooled = true
    // What was stored or corrected meanwhile is not shown as waiting.
    for (const turn of unkept) if (this.#unkept.delete(turn)) this.#tell.pending(turn)
    return true
  }

  #tellDiskRefuses(error: unknown): void {
    if (this.#isDiskRefusing) return
    this.#isDiskRefusing = true
    const { callId } = this.#call
    this.#ctx.log.error({ err: error, callId }, 'turns could not be kept on disk')
  }
}
