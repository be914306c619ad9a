import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { ensureChromium } from './chromium.ts'
import { buildConsole } from './console-build.ts'

/**
 * `npm test`: the checks, all tests of code and components, then the stories of the whole product. The last
 * line counts. `npm test -- scripts/ports` runs the tests whose path contains that, and nothing else.
 */
type Count = { passed: number; failed: number; secondTries: string[] }

const ROOT = resolve(import.meta.dirname, '..')
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
const STEP_MS = 30 * 60_000 // a hanging test has its own, much shorter limit; this ends a hanging runner

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      /** None where the file could not even be loaded. What passed at the second try tells of the first. */
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
})

const say = (line: string) => console.log(line)
const filters = process.argv.slice(2)
const counts: Count[] = []
if (filters.length > 0) counts.push(await vitest(filters))
else {
  const browser = ensureChromium(say)
  browser.catch(() => undefined)
  counts.push(await check())
  // Some parts are tried in a browser too, where there is one. Stories at once must not each build the console.
  await Promise.allSettled([browser])
  const console = buildConsole(ROOT, process.env)
  console.catch(() => undefined)
  counts.push(await vitest(['--project=node', '--project=real-time', '--project=web']))
  counts.push(await stories(browser, console))
}
const { passed, failed, secondTries } = sum(counts)
for (const test of secondTries) say(`\nPassed at the second try only: ${test}`)
const ofThem = secondTries.length > 0 ? ` (${secondTries.length} at the second try only)` : ''
say(`\n${passed} passed${ofThem}, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

function sum(counts: Count[]): Count {
  const of = (key: 'passed' | 'failed') => counts.reduce((all, count) => all + count[key], 0)
  const secondTries = counts.flatMap((count) => count.secondTries)
  return { passed: of('passed'), failed: of('failed'), secondTries }
}

async function check(): Promise<Count> {
  const passed = (await run([join(ROOT, 'scripts', 'check.ts')])) === 0
  return { passed: Number(passed), failed: Number(!passed), secondTries: [] }
}

async function stories(browser: Promise<string>, console: Promise<unknown>): Promise<Count> {
  try {
    const environment = { CHROMIUM_PATH: await browser }
    await console
    const screens = await vitest(['--project=screens'], environment)
    const calls = await vitest(['--project=calls'], environment)
    return sum([screens, calls])
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return { passed: 0, failed: 1, secondTries: [] }
  }
}

/** Counts what its report says; a runner that ends badly without a failed test is a failure too. */
async function vitest(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'voxcalls-test-report-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await run([VITEST, 'run', ...reporters, ...args], environment)
    const told = report.parse(JSON.parse(readFileSync(file, 'utf8')))
    const broken = told.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length
    const failed = told.numFailedTests + broken
    const secondTries = told.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
        .map(
          ({ fullName, failureMessages }) =>
            `${relative(ROOT, name)}, ${fullName}: ${failureMessages[0]}`,
        ),
    )
    return { passed: told.numPassedTests, failed: failed || (code === 0 ? 0 : 1), secondTries }
  } catch (error) {
    say(`The tests left no report: ${error instanceof Error ? error.message : String(error)}`)
    return { passed: 0, failed: 1, secondTries: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
    timeout: STEP_MS,
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}
