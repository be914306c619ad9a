import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exit, Running, Unit } from './unit.ts'

/** A line of the process table (THREATS Z6). */
export type ProcessRow = {
  role: string
  name: string
  pid: number | null
  ports: number[]
  startedAt: string | null
  /** How often it was started again after it ended by itself. */
  restarts: number
  state: 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped'
}

const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 4_000 // so that, with the start itself, a killed process is back within 5 s (F1)
const STABLE_MS = 30_000 // a process that ran this long has earned a fresh backoff
const READY_POLL_MS = 50
const KILL_WAIT_MS = 2_000 // what the kernel may need to end a process it was told to kill

type Kept = {
  unit: Unit
  row: ProcessRow
  running: Running | null
  life: Promise<void>
  /** Waiting to hear that it serves: at first, or again after a restart. */
  waiters: Set<{ resolve: () => void; reject: (error: Error) => void }>
}

/** Starts processes, starts them again when they end, and leaves none behind. */
export class Supervisor {
  readonly #kept = new Map<string, Kept>()
  readonly #tableFile: string
  readonly #say: (line: string) => void
  readonly #startedAt = new Date().toISOString()
  readonly #ending = new AbortController()
  #stopped: Promise<void> | null = null
  #over = false

  constructor(options: { tableFile: string; say?: (line: string) => void }) {
    this.#tableFile = options.tableFile
    this.#say = options.say ?? (() => undefined)
    this.#writeTable()
  }

  /** Resolves when the unit serves; rejects with its last words when it ends before it ever did. */
  async start(unit: Unit): Promise<void> {
    if (this.#ending.signal.aborted) throw new Error('the launcher is stopping')
    if (this.#kept.has(unit.name)) throw new Error(`${unit.name} is supervised already`)
    const row: ProcessRow = {
      role: unit.role,
      name: unit.name,
      pid: null,
      ports: unit.ports,
      startedAt: null,
      restarts: 0,
      state: 'starting',
    }
    const kept: Kept = { unit, row, running: null, life: Promise.resolve(), waiters: new Set() }
    this.#kept.set(unit.name, kept)
    const served = this.served(unit.name)
    kept.life = this.#keep(kept)
    await served
  }

  /** Resolves the next time the unit becomes ready. */
  served(name: string): Promise<void> {
    const { waiters } = this.#get(name)
    return new Promise((resolve, reject) => waiters.add({ resolve, reject }))
  }

  processes(): ProcessRow[] {
    const own: ProcessRow = {
      role: 'launcher',
      name: 'launcher',
      pid: process.pid,
      ports: [],
      startedAt: this.#startedAt,
      restarts: 0,
      state: this.#ending.signal.aborted ? 'stopping' : 'ready',
    }
    return [own, ...[...this.#kept.values()].map(({ row }) => ({ ...row }))]
  }

  /** Sends a signal to the one process of that name, as a person with `kill` would. */
  signal(name: string, signal: NodeJS.Signals): void {
    const { running } = this.#get(name)
    if (!running) throw new Error(`${name} is not running at the moment`)
    process.kill(running.pid, signal)
  }

  /** Ends everything, the last tier first, each step within its deadline. Called twice it is one end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll()
    return this.#stopped
  }

  async #stopAll(): Promise<void> {
    this.#ending.abort()
    const all = [...this.#kept.values()]
    const tiers = [...new Set(all.map(({ unit }) => unit.tier))].sort((a, b) => b - a)
    for (const tier of tiers) {
      await Promise.all(all.filter(({ unit }) => unit.tier === tier).map((kept) => this.#end(kept)))
    }
    this.#over = true
    rmSync(this.#tableFile, { force: true })
  }

  async #end(kept: Kept): Promise<void> {
    const { unit } = kept
    if (kept.row.state !== 'stopped') this.#set(kept, { state: 'stopping' })
    kept.running?.stop()
    if (await within(unit.stopWithinMs, kept.life)) return
    this.#say(`${unit.name} did not stop within ${unit.stopWithinMs / 1000} s and was killed.`)
    kept.running?.kill()
    await within(KILL_WAIT_MS, kept.life)
  }

  /** The life of one unit: up, and up again, until the launcher ends. */
  async #keep(kept: Kept): Promise<void> {
    const { unit, row, waiters } = kept
    let backoffMs = FIRST_BACKOFF_MS
    let served = false
    try {
      while (!this.#ending.signal.aborted) {
        const startedMs = performance.now()
        const end = await this.#liveOnce(kept, () => {
          served = true
        })
        if (this.#ending.signal.aborted) break
        if (!served) throw new Error(`${unit.name} ${end}.\n${indent(unit.lastWords())}`)
        if (performance.now() - startedMs > STABLE_MS) backoffMs = FIRST_BACKOFF_MS
        this.#say(`${unit.name} ${end}; starting it again in ${backoffMs} ms.`)
        this.#set(kept, { state: 'waiting', pid: null })
        await sleep(backoffMs, undefined, { signal: this.#ending.signal }).catch(ignoreAbort)
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
        row.restarts += 1
      }
      for (const waiter of waiters) waiter.reject(new Error('the launcher is stopping'))
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      for (const waiter of waiters) waiter.reject(failure)
      if (waiters.size === 0) this.#say(failure.message)
    } finally {
      waiters.clear()
      this.#set(kept, { state: 'stopped', pid: null })
    }
  }

  /** One run from start to end; resolves with how it ended, in words. */
  async #liveOnce(kept: Kept, onServed: () => void): Promise<string> {
    const { unit, waiters } = kept
    this.#set(kept, { state: 'starting', startedAt: new Date().toISOString() })
    let running: Running
    try {
      running = await unit.launch()
    } catch (error) {
      return `could not be started (${error instanceof Error ? error.message : String(error)})`
    }
    kept.running = running
    this.#set(kept, { pid: running.pid })
    // The end may have been asked for while the process was being made.
    if (this.#ending.signal.aborted) running.stop()

    const ready = await this.#untilReady(unit, running.exited)
    if (ready === 'too slow') running.kill()
    else if (ready === 'ready') {
      onServed()
      this.#set(kept, { state: 'ready' })
      for (const waiter of waiters) waiter.resolve()
      waiters.clear()
    }
    const exit = await running.exited
    kept.running = null
    if (ready === 'too slow') return `was not ready within ${unit.readyWithinMs / 1000} s`
    return `ended with ${describe(exit)}`
  }

  async #untilReady(unit: Unit, exited: Promise<Exit>): Promise<'ready' | 'ended' | 'too slow'> {
    const deadlineMs = performance.now() + unit.readyWithinMs
    let over = false
    const ended = exited.then(() => {
      over = true
    })
    while (!over && performance.now() < deadlineMs) {
      if (await unit.ready()) return over ? 'ended' : 'ready'
      await Promise.race([ended, sleep(READY_POLL_MS)])
    }
    return over ? 'ended' : 'too slow'
  }

  #get(name: string): Kept {
    const kept = this.#kept.get(name)
    if (!kept) throw new Error(`there is no process named ${name}`)
    return kept
  }

  #set(kept: Kept, change: Partial<ProcessRow>): void {
    Object.assign(kept.row, change)
    this.#writeTable()
  }

  /** Written aside and renamed, so that a reader never sees half a table. */
  #writeTable(): void {
    if (this.#over) return
    mkdirSync(dirname(this.#tableFile), { recursive: true })
    const aside = `${this.#tableFile}.${process.pid}`
    writeFileSync(aside, `${JSON.stringify(this.processes(), null, 2)}\n`)
    renameSync(aside, this.#tableFile)
  }
}

async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  const inTime = await Promise.race([work.then(() => true), late])
  timer.abort()
  return inTime
}

const describe = ({ code, signal }: Exit): string => signal ?? `exit code ${code}`
const indent = (text: string): string => text.replaceAll(/^/gm, '    ')

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
