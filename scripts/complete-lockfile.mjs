// npm writes a lockfile entry only for platform packages that its registry offers. A mirror that holds one
// platform's packages would leave the others out, and `npm ci` then refuses the whole lockfile everywhere.
// Run after every change of dependencies: node scripts/complete-lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const systems = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony']
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32']

/** The optional packages that some entry names and no entry describes. */
export function missingFrom(lock) {
  return Object.entries(lock.packages).flatMap(([place, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(
        ([name]) =>
          !lock.packages[`node_modules/${name}`] && !lock.packages[`${place}/node_modules/${name}`],
      )
      .map(([name, version]) => ({ name, version, dev: entry.dev === true })),
  )
}

/** What npm would have written of such a package, without the integrity that only its registry knows. */
export function entryOf({ name, version, dev }) {
  const words = name.split(/[-/]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (!/^\d/.test(version) || (!os && !cpu))
    throw new Error(`${name} ${version} is no platform package; install it instead`)
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    ...(os && { os: [os] }),
  }
}

if (process.argv[1] === import.meta.filename) {
  const file = join(import.meta.dirname, '..', 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingFrom(lock)
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one)
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} platform packages added to the lockfile`)
}
