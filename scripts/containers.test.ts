import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '#api/core/config.ts'
import { gatewayFlags } from '../voice/node-flags.ts'
import { portVariables, usualPorts } from './ports.ts'
import { sandboxEnvironment } from './sandbox-env.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const compose = read('docker-compose.yml')
const dockerfile = read('Dockerfile')
const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-containers-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** What every process of the product is told: the block that the others only add to. */
function productEnvironment(): Record<string, string> {
  const [, block = ''] = /^ {2}environment: &environment\n((?: {4}.*\n)+)/m.exec(compose) ?? []
  return Object.fromEntries(
    [...block.matchAll(/^ {4}(\w+): '?(.*?)'?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

test('the settings of the containers are settings that the product accepts and knows', () => {
  const environment = productEnvironment()
  const sandbox = { ports: usualPorts, host: '127.0.0.1', dataDir }
  const config = loadConfig({ ...environment, ...sandboxEnvironment(environment, sandbox) })
  expect(config.publicApiUrl).toBe(`http://127.0.0.1:${config.ports.api}`)

  const known = read('api/core/config.ts') + read('sandbox/config.ts')
  const named = [...compose.matchAll(/\b([A-Z][A-Z0-9]*_[A-Z0-9_]+): /g)].map(([, name]) => name)
  const others = /^(POSTGRES|MINIO)_|^DATABASE_ADMIN_URL$/
  const unknown = named.filter((name) => !others.test(name ?? '') && !known.includes(name ?? ''))
  expect(named.length).toBeGreaterThan(Object.keys(environment).length)
  expect(unknown).toEqual([])
})

test('the ports that a browser or a telephone needs are published', () => {
  const published = [...compose.matchAll(/127\.0\.0\.1:(\d+)(?:-(\d+))?:\1/g)].flatMap(
    ([, from, to]) =>
      Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i),
  )
  const needed = (['web', 'api', 'voice', 'voice1', 'control', 'stripe'] as const).map(
    (name) => [portVariables[name], usualPorts[name]] as const,
  )
  expect(needed.filter(([, port]) => !published.includes(port))).toEqual([])
})

test('a gateway runs as in `npm start`, also in its container and by the book', () => {
  const node = ['node', ...gatewayFlags]
  expect(compose).toContain(
    `command: [${[...node, 'scripts/sandboxed.ts', 'voice/server.ts'].join(', ')}]`,
  )
  expect(read('docs/deploy.md')).toContain(`\`${[...node, 'voice/server.ts'].join(' ')}\``)
})

test('what the containers run and what the image copies is there', () => {
  const programs = [...compose.matchAll(/command: \[(.*)\]/g)].flatMap(([, words = '']) =>
    words.split(', ').filter((word) => /\/.*\.ts$/.test(word)),
  )
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, sources = '']) => sources.split(' ').map((source) => source.replace(/\/\*.*$/, '')),
  )
  const [, own = ''] = /^CMD \["node", "(api\/.+)"\]$/m.exec(dockerfile) ?? []
  expect(programs).toContain('voice/server.ts')
  const named = [...programs, ...copied, own]
  expect(named.filter((name) => name === '' || !existsSync(join(ROOT, name)))).toEqual([])
})
