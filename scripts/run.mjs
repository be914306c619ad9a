// The door of every npm script. Plain JavaScript for Node 20 and later, importing nothing that has
// to be installed: it installs what is missing, then hands over to Node 24 and the real program.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findNode, isStamped, NEEDED_MAJOR, staleness, stamp } from './install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const PARENT_CHECK_MS = 1_000 // how long the product may outlive an npm that was killed outright

const programs = {
  start: 'scripts/dev.ts',
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  demo: 'scripts/demo.ts',
  bench: 'scripts/bench.ts',
  doctor: 'scripts/doctor.ts',
  verify: 'scripts/verify.ts',
  inspect: 'scripts/inspect.ts',
  seed: 'scripts/seed.ts',
  migrate: 'scripts/migrate.ts',
}

function install(why) {
  console.log(`Installing: ${why}. This takes a minute the first time.`)
  // npm leaves its own path in the environment of the scripts it runs.
  const npm = process.env.npm_execpath
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm']
  const wanted = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const done = spawnSync(command, [...first, ...wanted], {
    cwd: root,
    stdio: 'inherit',
    shell: !npm && process.platform === 'win32',
  })
  if (done.status !== 0)
    fail(
      `npm ci did not finish (${done.error?.message ?? `exit ${done.status ?? done.signal}`}). Its own message is above.`,
    )
}

function fail(message) {
  console.error(`\n${message}\n`)
  process.exit(1)
}

/** Runs the program in the foreground: it gets our signals, we get its exit code. */
function handOver(node, program, args) {
  const child = spawn(
    node,
    ['--disable-warning=ExperimentalWarning', join(root, program), ...args],
    {
      cwd: root,
      // The channel carries nothing; its closing tells the program that we are gone.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.once('exit', (code, signal) => {
    // 128 + number is what a shell reports for a signal.
    process.exit(code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15))
  })

  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, PARENT_CHECK_MS).unref()
}

function main([name = '', ...args]) {
  const program = programs[name]
  if (!program)
    fail(`There is no command "${name}". There are: ${Object.keys(programs).join(', ')}.`)
  if (!existsSync(join(root, program))) fail(`${program} is missing from this checkout.`)

  const why = staleness(root)
  if (why) install(why)
  if (why || !isStamped(root)) stamp(root)

  const node = findNode(root)
  if (!node)
    fail(
      `VoxCalls needs Node ${NEEDED_MAJOR}; this is ${process.version}, and the pinned one does not run on this machine.\n` +
        `Install Node ${NEEDED_MAJOR} or later and run the same command again.`,
    )
  handOver(node, program, args)
}

main(process.argv.slice(2))
