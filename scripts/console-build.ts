import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '#db/embedded-binaries.ts'
import { isAlive } from './running.ts'

const NEXT = join('node_modules', 'next', 'dist', 'bin', 'next')
const STAMP = join('web', '.next', 'voxcalls-stamp')
const BUILDER = '.next-builder'
const NOT_SOURCES = new Set(['.next', BUILDER, 'node_modules', 'next-env.d.ts'])
const POLL_MS = 200 // a build takes a minute
const LONGEST_MS = 15 * 60_000 // whoever claims for longer is another process that got the number of one killed
const LAST_WORDS_CHARACTERS = 4_000

/** Builds the console unless the last build was made from these very sources. Who comes while it is built waits. */
export async function buildConsole(
  root: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<'built' | 'fresh'> {
  const wanted = hashOfSources(root)
  const stampFile = join(root, STAMP)
  const isFresh = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted
  if (isFresh()) return 'fresh'
  const builder = join(root, 'web', BUILDER)
  while (!claims(builder)) await sleep(POLL_MS, undefined, { signal })
  try {
    if (isFresh()) return 'fresh'
    await build(root, environment, signal)
    writeFileSync(stampFile, wanted)
    return 'built'
  } finally {
    rmSync(builder, { force: true })
  }
}

/** False while another process builds; one that was killed leaves its claim to the next. */
function claims(builder: string): boolean {
  try {
    writeFileSync(builder, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  try {
    const claimedMs = statSync(builder).mtimeMs
    const pid = Number(readFileSync(builder, 'utf8'))
    const isOver = Date.now() - claimedMs > LONGEST_MS || (pid > 0 && !isAlive(pid))
    if (isOver) rmSync(builder, { force: true })
  } catch (error) {
    // Given back meanwhile.
    if (codeOf(error) !== 'ENOENT') throw error
  }
  return false
}

async function build(
  root: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<void> {
  const next = spawn(process.execPath, [join(root, NEXT), 'build', 'web'], {
    cwd: root,
    env: { ...environment, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  })
  // Calls run while the console is built, and come first.
  if (next.pid !== undefined) setPriority(next.pid, constants.priority.PRIORITY_LOW)
  let said = ''
  const listen = (text: Buffer) => {
    said = (said + text.toString()).slice(-LAST_WORDS_CHARACTERS)
  }
  next.stdout.on('data', listen)
  next.stderr.on('data', listen)
  const [code] = await once(next, 'close')
  if (code !== 0) throw new Error(`The console could not be built:\n${said}`)
}

export const consoleArguments = (root: string, port: number): string[] => [
  join(root, NEXT),
  'start',
  join(root, 'web'),
  '-p',
  String(port),
  // With an address instead of this name, Clerk's middleware makes Next proxy to itself.
  '-H',
  'localhost',
]

/** The console is made of its own folder, the contracts it imports, and the packages. */
function hashOfSources(root: string): string {
  const hash = createHash('sha256')
  const files = [
    'package-lock.json',
    'tsconfig.json',
    ...filesUnder(root, 'web'),
    ...filesUnder(root, join('api', 'contract')),
    ...filesUnder(root, join('api', 'domains')).filter((file) => file.endsWith('contract.ts')),
  ]
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function filesUnder(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries
    .filter(({ name }) => !NOT_SOURCES.has(name) && !name.endsWith('.tsbuildinfo'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const place = join(folder, entry.name)
      return entry.isDirectory() ? filesUnder(root, place) : [place]
    })
}
