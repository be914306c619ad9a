import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Something the supervisor keeps alive: how it is started, known to be ready, and ended. */
export type Unit = {
  role: string
  /** Unique among the units of one supervisor: `voice-1`. */
  name: string
  ports: number[]
  /** Lower tiers start first and stop last. */
  tier: number
  launch(): Promise<Running>
  /** Whether it serves by now; asked again and again until it does. */
  ready(): Promise<boolean>
  readyWithinMs: number
  /** How long an asked-for end may take before the process is killed. */
  stopWithinMs: number
  /** The end of its log, for a message about a start that failed. */
  lastWords(): string
}

export type Running = {
  pid: number
  exited: Promise<Exit>
  /** Asks for an orderly end. */
  stop(): void
  /** Ends it and what it started, at once. */
  kill(): void
}
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

export type NodeProgram = {
  role: string
  name: string
  tier: number
  /** A program of this repository, with its arguments. */
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  ports: number[]
  ready(): Promise<boolean>
  logFile: string
  readyWithinMs?: number
  stopWithinMs?: number
}

const GUARD = fileURLToPath(new URL('./child-guard.mjs', import.meta.url))
const READY_WITHIN_MS = 60_000 // a cold start on a busy machine with two cores
const STOP_WITHIN_MS = 10_000 // a gateway's shortest drain, and one hanging dependency
const MAX_LOG_BYTES = 10 * 2 ** 20 // one earlier log of this size is kept beside the running one
const LAST_WORDS_BYTES = 3_000

/** A Node process in a group of its own, so that nothing it starts can outlive it. */
export function nodeUnit(program: NodeProgram): Unit {
  return {
    ...program,
    readyWithinMs: program.readyWithinMs ?? READY_WITHIN_MS,
    stopWithinMs: program.stopWithinMs ?? STOP_WITHIN_MS,
    lastWords: () => tailOf(program.logFile),
    async launch() {
      const log = openLog(program.logFile)
      const child = spawn(process.execPath, ['--import', GUARD, ...program.args], {
        cwd: program.cwd,
        env: program.env,
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
      })
      closeSync(log)
      const { promise: exited, resolve } = Promise.withResolvers<Exit>()
      child.once('exit', (code, signal) => resolve({ code, signal }))
      await new Promise<void>((started, failed) => {
        child.once('spawn', started)
        child.once('error', failed)
      })
      // After the start an error only says that a message could not be sent; `exit` tells the rest.
      child.on('error', () => child.kill('SIGKILL'))
      const pid = child.pid!
      const kill = () => signalGroup(pid, 'SIGKILL')
      return {
        pid,
        exited: exited.finally(kill),
        stop: () => child.kill('SIGTERM'),
        kill,
      }
    },
  }
}

/** Whether an address answers at all with less than 500: `/readyz` says 503 until its process is ready. */
export async function answers(url: string): Promise<boolean> {
  const PATIENCE_MS = 2_000 // a first page of the console is compiled while we wait
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'manual',
    })
    await response.body?.cancel()
    return response.status < 500
  } catch (error) {
    if (error instanceof Error) return false // not listening yet, or too slow to count as ready
    throw error
  }
}

/** A negative pid names the group. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // No such group, or on macOS one of dead members only: it is over, which is what was wanted.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, 'a')
}

const tailOf = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').slice(-LAST_WORDS_BYTES).trim() : ''
