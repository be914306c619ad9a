import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Account, codeOf, findBinaries, unprivilegedAccount } from './embedded-binaries.ts'
import { prepareDatabase, type RolePasswords, type RoleUrls } from './roles.ts'

export type LocalServer = {
  /** Logs in as the server's superuser: for the bootstrap only. */
  adminUrl: string
  port: number
  pid: number
  /** Somebody else had started it. */
  joined: boolean
  stop(): Promise<void>
}
export type Embedded = {
  urls: RoleUrls
  /** Logs in as the server's superuser: for backups and tests, never for the product. */
  adminUrl: string
  pid: number
  port: number
  joined: boolean
  stop(): Promise<void>
}

export const DATABASE_NAME = 'voxcalls'
const POLL_MS = 10 // Postgres is up 50 ms after its start; a longer step would be most of the wait
const START_DEADLINE_MS = 30_000 // recovery after a crash took 0.2 s; a slow disk gets a hundred times that
const STOP_DEADLINE_MS = 20_000 // a fast shutdown ends sessions at once and then writes a checkpoint
const RETRY_MS = 250 // a killed server can linger until its parent reaps it
const EMPTY_FILE_MS = 5_000 // Postgres fills the file at once after making it
const IMPOSSIBLE_PID = 2 ** 22 + 1 // above the highest process id Linux gives out
const secrets = z.object({
  admin: z.string(),
  owner: z.string(),
  app: z.string(),
  platform: z.string(),
})

/** Our own Postgres in `dataDir`, with its roles and an empty `voxcalls` database; joins one that runs already. */
export async function startEmbedded(
  dataDir: string,
  options: { port?: number; throwaway?: boolean } = {},
): Promise<Embedded> {
  const server = await localPostgres({ dir: dataDir, ...options })
  try {
    const passwords = secretsOf(clusterOf(dataDir))
    const urls = await prepareDatabase(server.adminUrl, DATABASE_NAME, passwords)
    return { ...server, urls }
  } catch (error) {
    if (!server.joined) await server.stop()
    throw error
  }
}

/**
 * A server for the folder `dir`, whose parents the unprivileged account must be able to enter. It outlives us
 * unless stopped, and the next start joins it. `throwaway` gives up durability and is for tests.
 */
export async function localPostgres(options: {
  dir: string
  port?: number
  throwaway?: boolean
}): Promise<LocalServer> {
  const account = unprivilegedAccount()
  const bin = findBinaries(account)
  const dir = path.resolve(options.dir)
  fs.mkdirSync(dir, { recursive: true, mode: 0o711 })
  const cluster = clusterOf(dir)
  if (!fs.existsSync(cluster)) makeCluster(bin, dir, cluster, account)

  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    const running = await findRunning(cluster)
    if (running) return running
    clearRemnants(cluster)
    const port = options.port ?? (await freePort(rememberedPort(cluster)))
    const started = await launch(bin, cluster, port, account, options.throwaway ?? false)
    if (started.server) return started.server
    // Somebody else starts it at this moment, or its killed predecessor is not quite gone.
    const isTaken = /"postmaster\.pid" (already exists|is empty)/.test(started.log)
    if (!isTaken || performance.now() > deadline) {
      throw new Error(`postgres did not start: ${started.log}`)
    }
    await sleep(RETRY_MS)
  }
}

/** Stops the server of a folder whose starter is gone; does nothing where none runs. */
export async function stopLeftover(dir: string): Promise<void> {
  const running = await findRunning(clusterOf(dir))
  await running?.stop()
}

const clusterOf = (dir: string) => path.join(path.resolve(dir), 'cluster')
const secretsOf = (cluster: string): RolePasswords & { admin: string } =>
  secrets.parse(JSON.parse(fs.readFileSync(path.join(cluster, 'secrets.json'), 'utf8')))

/** Made beside its place and moved there whole: a half-made cluster is never found, and the faster of two wins. */
function makeCluster(bin: string, dir: string, cluster: string, account: Account): void {
  const fresh = path.join(dir, `cluster.${randomBytes(6).toString('hex')}`)
  const data = path.join(fresh, 'data')
  const own = (p: string) => {
    if (account.uid !== undefined) fs.chownSync(p, account.uid, account.gid!)
  }
  try {
    fs.mkdirSync(fresh, { mode: 0o711 })
    fs.mkdirSync(data, { mode: 0o700 })
    own(data)
    const password = () => randomBytes(18).toString('base64url')
    const passwords: z.output<typeof secrets> = {
      admin: password(),
      owner: password(),
      app: password(),
      platform: password(),
    }
    fs.writeFileSync(path.join(fresh, 'secrets.json'), JSON.stringify(passwords), { mode: 0o600 })
    const passwordFile = path.join(fresh, 'initial-password')
    fs.writeFileSync(passwordFile, passwords.admin, { mode: 0o600 })
    own(passwordFile)
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    const ran = spawnSync(
      path.join(bin, 'initdb'),
      ['-D', data, ...access, '--encoding=UTF8', ...locale],
      { ...account, env: environment(), cwd: '/', encoding: 'utf8' },
    )
    if (ran.status !== 0) throw new Error(`initdb failed: ${ran.error ?? ran.stderr}`)
    fs.rmSync(passwordFile)
    fs.renameSync(fresh, cluster)
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true })
    const isBeaten = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '')
    if (!(isBeaten && fs.existsSync(cluster))) throw error
  }
}

// Postgres needs no more of our environment; its locale and zone must not depend on the machine.
const environment = () => ({ LC_ALL: 'C', TZ: 'UTC' })

type Status = { pid: number; port: number; isReady: boolean }

/** What the server wrote about itself: pid, folder, start, port, socket folder, address, memory key, status. */
function statusOf(cluster: string): Status | undefined {
  try {
    const lines = fs.readFileSync(pidFile(cluster), 'utf8').split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return pid > 0 ? { pid, port, isReady: lines[7]?.trim() === 'ready' } : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
const pidFile = (cluster: string) => path.join(cluster, 'data', 'postmaster.pid')

async function findRunning(cluster: string): Promise<LocalServer | undefined> {
  const status = statusOf(cluster)
  if (!status?.isReady || !isAlive(status.pid) || !(await accepts(status.port))) return undefined
  return describe(cluster, status, true)
}

function describe(cluster: string, status: Status, joined: boolean): LocalServer {
  const { pid, port } = status
  const adminUrl = `postgres://postgres:${secretsOf(cluster).admin}@127.0.0.1:${port}/postgres`
  return { adminUrl, port, pid, joined, stop: () => stopServer(cluster, pid) }
}

async function launch(
  bin: string,
  cluster: string,
  port: number,
  account: Account,
  isThrowaway: boolean,
): Promise<{ server: LocalServer; log?: never } | { server?: never; log: string }> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // its path may be longer than a socket's may be
    max_connections: '100',
    shared_buffers: '128MB',
    log_min_messages: 'warning',
    ...(isThrowaway && { fsync: 'off', full_page_writes: 'off' }),
  }
  const logFile = path.join(cluster, 'log')
  const from = fs.existsSync(logFile) ? fs.statSync(logFile).size : 0
  const log = fs.openSync(logFile, 'a')
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(
    path.join(bin, 'postgres'),
    ['-D', path.join(cluster, 'data'), '-p', String(port), ...flags],
    { ...account, env: environment(), cwd: '/', stdio: ['ignore', log, log], detached: true },
  )
  fs.closeSync(log)
  child.unref()
  const logged = () => fs.readFileSync(logFile).subarray(from).toString('utf8').slice(-2_000)
  const spawnFailure = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
  })
  const outcome = await Promise.race([spawnFailure, ready(child, cluster)])
  if (outcome === 'exited') return { log: logged() }
  if (outcome !== 'ready') return { log: outcome }
  fs.writeFileSync(path.join(cluster, 'port'), String(port))
  return { server: describe(cluster, { pid: child.pid!, port, isReady: true }, false) }
}

async function ready(child: ChildProcess, cluster: string): Promise<'ready' | 'exited'> {
  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return 'exited'
    // A crashed predecessor leaves its own "ready" behind, so the pid must be this one's.
    const status = statusOf(cluster)
    if (status?.isReady && status.pid === child.pid) return 'ready'
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`postgres was not ready within ${START_DEADLINE_MS} ms`)
    }
    await sleep(POLL_MS)
  }
}

/** A fast shutdown: sessions end, the data is whole. */
async function stopServer(cluster: string, pid: number): Promise<void> {
  const isUp = () => statusOf(cluster)?.pid === pid && isAlive(pid) && !isZombie(pid)
  if (isUp()) process.kill(pid, 'SIGINT')
  const deadline = performance.now() + STOP_DEADLINE_MS
  while (isUp()) {
    if (performance.now() > deadline) throw new Error(`postgres ${pid} did not stop`)
    await sleep(POLL_MS)
  }
}

/**
 * Clears what a crash can leave so that Postgres would never start again: a pid file it had no time to fill, and
 * the pid of a killed server whose parent never reaps it, which still counts as running. That pid is replaced by
 * one that cannot be; the rest stays, so Postgres still refuses while the dead server's sessions hold its memory.
 */
function clearRemnants(cluster: string): void {
  const file = pidFile(cluster)
  const found = fs.statSync(file, { throwIfNoEntry: false })
  if (found?.size === 0 && Date.now() - found.mtimeMs > EMPTY_FILE_MS)
    fs.rmSync(file, { force: true })
  const status = statusOf(cluster)
  if (!status || !isZombie(status.pid)) return
  const lines = fs.readFileSync(file, 'utf8').split('\n')
  fs.writeFileSync(file, [String(IMPOSSIBLE_PID), ...lines.slice(1)].join('\n'))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')) return false // gone, or no Linux
    throw error
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

function rememberedPort(cluster: string): number {
  try {
    return Number(fs.readFileSync(path.join(cluster, 'port'), 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw error
  }
}

/** The port used last, so that URLs stay good over a restart; another where that one is taken. */
async function freePort(preferred: number): Promise<number> {
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = net.createServer().once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(address && typeof address === 'object' ? address.port : port))
      })
    })
  if (!preferred) return listen(0)
  return listen(preferred).catch((error: unknown) => {
    if (codeOf(error) === 'EADDRINUSE') return listen(0)
    throw error
  })
}
