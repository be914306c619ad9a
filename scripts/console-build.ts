import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'

const NEXT = join('node_modules', 'next', 'dist', 'bin', 'next')
const STAMP = join('web', '.next', 'voxcalls-stamp')
const NOT_SOURCES = new Set(['.next', 'node_modules', 'next-env.d.ts'])
const LAST_WORDS_CHARACTERS = 4_000

/** Builds the console unless the last build was made from these very sources. */
export async function buildConsole(
  root: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<'built' | 'fresh'> {
  const wanted = hashOfSources(root)
  const stampFile = join(root, STAMP)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return 'fresh'
  const build = spawn(process.execPath, [join(root, NEXT), 'build', 'web'], {
    cwd: root,
    env: { ...environment, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  })
  // Calls run while the console is built, and come first.
  if (build.pid !== undefined) setPriority(build.pid, constants.priority.PRIORITY_LOW)
  let said = ''
  const listen = (text: Buffer) => {
    said = (said + text.toString()).slice(-LAST_WORDS_CHARACTERS)
  }
  build.stdout.on('data', listen)
  build.stderr.on('data', listen)
  const [code] = await once(build, 'close')
  if (code !== 0) throw new Error(`The console could not be built:\n${said}`)
  writeFileSync(stampFile, wanted)
  return 'built'
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
