// Plain JavaScript without dependencies: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

export const NEEDED_MAJOR = 24

/** What is wrong with `node_modules` beside this lockfile, in words; undefined when nothing is. */
export function staleness(folder) {
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8')
  const installedFile = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(installedFile)) return 'the packages are not installed yet'
  if (readStamp(folder) === hashOf(lockText)) return undefined

  // No stamp of ours: somebody may have run npm themselves, so what is there is compared.
  const wanted = JSON.parse(lockText).packages ?? {}
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages ?? {}
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.startsWith('node_modules/') || entry.link) continue
    if (installed[place] === undefined && entry.optional) continue
    if (installed[place]?.version !== entry.version)
      return 'the packages are not the ones of package-lock.json'
  }
  return undefined
}

/** Remembers that `node_modules` belongs to this very lockfile, so that the next start need not compare. */
export function stamp(folder) {
  writeFileSync(stampFile(folder), hashOf(readFileSync(join(folder, 'package-lock.json'), 'utf8')))
}

const stampFile = (folder) => join(folder, 'node_modules', '.voxcalls-install')
export const isStamped = (folder) => readStamp(folder) !== undefined
const readStamp = (folder) =>
  existsSync(stampFile(folder)) ? readFileSync(stampFile(folder), 'utf8') : undefined
const hashOf = (text) => createHash('sha256').update(text).digest('hex')

/** The Node that runs TypeScript as it is: the pinned one of node_modules, else this one. */
export function findNode(folder, own = process) {
  const pinned = join(
    folder,
    'node_modules',
    '.bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  // It is asked, not only looked for: on a system without glibc it is there and cannot run.
  const asked = spawnSync(pinned, ['--version'], { encoding: 'utf8' })
  if (asked.status === 0 && major(asked.stdout) >= NEEDED_MAJOR) return pinned
  if (major(own.version) >= NEEDED_MAJOR) return own.execPath
  return undefined
}

const major = (version) => Number(/^v(\d+)/.exec(version.trim())?.[1] ?? 0)
