import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Embedded, startEmbedded } from '../db/embedded.ts'
import type { Exit, Unit } from './unit.ts'

export type DatabaseUrls = Embedded['urls']

const ALIVE_POLL_MS = 200 // Postgres may have been started by an earlier launcher, so no event tells of its end
const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 25_000 // longer than the server's own deadline for a checkpoint at its end

/** Postgres as a supervised unit: killed, it is started again on the same port, so its URLs stay good. */
export function postgresUnit(
  dataDir: string,
  say: (line: string) => void,
): { unit: Unit; urls(): DatabaseUrls } {
  const folder = reachableFolder(dataDir)
  let urls: DatabaseUrls | undefined
  const ports: number[] = []
  const unit: Unit = {
    role: 'postgres',
    name: 'postgres',
    tier: 0,
    ports,
    readyWithinMs: READY_WITHIN_MS,
    stopWithinMs: STOP_WITHIN_MS,
    lastWords: () => `Its log is in ${folder}.`,
    // `startEmbedded` returns when the server accepts connections.
    ready: async () => true,
    async launch() {
      const [port] = ports
      const server = await startEmbedded(folder, port === undefined ? {} : { port })
      urls = server.urls
      ports[0] = server.port
      return {
        pid: server.pid,
        exited: untilGone(server.pid),
        // A stop that fails leaves the process running, and the supervisor kills it at its deadline.
        stop: () => void server.stop().catch((error: unknown) => say(String(error))),
        kill: () => kill(server.pid),
      }
    },
  }
  return {
    unit,
    urls() {
      if (!urls) throw new Error('postgres has not been started')
      return urls
    },
  }
}

/** Under root the server runs as another account, which must be able to enter every folder above its own. */
function reachableFolder(dataDir: string): string {
  const wanted = join(resolve(dataDir), 'postgres')
  if (process.getuid?.() !== 0) return wanted
  mkdirSync(dataDir, { recursive: true })
  chmodSync(dataDir, statSync(dataDir).mode | 0o111)
  for (let folder = dirname(resolve(dataDir)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) break
    if (folder === dirname(folder)) return wanted
  }
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  return join('/var/tmp', `voxcalls-${name}`, 'postgres')
}

async function untilGone(pid: number): Promise<Exit> {
  while (isRunning(pid)) await sleep(ALIVE_POLL_MS)
  return { code: null, signal: null }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  try {
    // A dead process that nobody has reaped yet still has its pid.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESRCH') throw error
    return process.platform !== 'linux' // elsewhere there is no /proc, and the signal's word counts
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined
