import { spawn } from 'node:child_process'
import path from 'node:path'
import { readOptions } from './arguments.ts'
import { stalePages } from './docs.ts'
import { checkImports } from './imports.ts'
import { checkTidy, readSources } from './tidy.ts'

/** `npm run check`: seconds, no database. One line a check; what failed is told below its line. */
type Outcome = { passed: boolean; note: string; details: string }
type Check = { name: string; run: () => Promise<Outcome> }

const ROOT = path.dirname(import.meta.dirname)
const MIN_MODULES = 200 // the cruiser reports success over nothing when its parser is missing
const MIN_SOURCES = 200 // and so would a pattern that matches no file
const AT_ONCE = 2 // more would only make each of them slower on two cores

const checks: Check[] = [
  {
    name: 'format and lint',
    run: () => program('@biomejs/biome/bin/biome', ['check', '--error-on-warnings']),
  },
  { name: 'types', run: () => program('typescript/bin/tsc', ['-p', 'tsconfig.json', '--noEmit']) },
  {
    name: 'types of the console',
    run: () => program('typescript/bin/tsc', ['-p', 'web/tsconfig.json', '--noEmit']),
  },
  { name: 'import rules', run: imports },
  { name: 'tidy', run: tidy },
  { name: 'generated pages', run: pages },
  { name: 'unused code', run: () => program('knip/bin/knip.js', ['--no-progress']) },
]

readOptions({})
const waiting = [...checks]
const failed: string[] = []
await Promise.all(Array.from({ length: AT_ONCE }, work))
if (failed.length > 0)
  console.log(`\n${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}`)
else console.log(`\nall ${checks.length} checks passed`)
process.exitCode = failed.length > 0 ? 1 : 0

async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const { name } = check
    const startedAt = performance.now()
    const outcome = await check.run().catch(broken)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const note = outcome.note ? ` (${outcome.note})` : ''
    console.log(`${outcome.passed ? 'ok    ' : 'FAILED'} ${name}${note}, ${seconds} s`)
    if (outcome.passed) continue
    failed.push(name)
    console.log(outcome.details.trimEnd().replaceAll(/^/gm, '       '))
  }
}

function broken(error: unknown): Outcome {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { passed: false, note: 'could not run', details }
}

async function imports(): Promise<Outcome> {
  const { modules, violations } = await checkImports()
  const enough = modules >= MIN_MODULES
  return {
    passed: enough && violations.length === 0,
    note: `${modules} modules`,
    details: enough
      ? violations.map(({ rule, from, to, why }) => `${from} -> ${to}: ${rule}. ${why}`).join('\n')
      : `only ${modules} modules were seen, at least ${MIN_MODULES} are expected`,
  }
}

async function pages(): Promise<Outcome> {
  const stale = await stalePages()
  const details = `${stale.join(', ')}: write again with \`node scripts/docs.ts\``
  return { passed: stale.length === 0, note: '', details }
}

async function tidy(): Promise<Outcome> {
  const files = readSources()
  const untidy = checkTidy(files)
  const enough = files.length >= MIN_SOURCES
  return {
    passed: enough && untidy.length === 0,
    note: `${files.length} files`,
    details: enough
      ? untidy.map((found) => `${found.path}:${found.line} ${found.problem}`).join('\n')
      : `only ${files.length} files were read, at least ${MIN_SOURCES} are expected`,
  }
}

/** A tool of node_modules by its own file, so that no shim and no PATH decides what runs. */
function program(file: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(ROOT, 'node_modules', file), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let details = ''
    const keep = (chunk: Buffer) => {
      details += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => resolve({ passed: false, note: '', details: error.message }))
    child.once('close', (code) => resolve({ passed: code === 0, note: '', details }))
  })
}
