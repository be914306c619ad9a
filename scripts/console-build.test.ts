import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildConsole } from './console-build.ts'

const NOBODY = 2 ** 22 + 1 // above what Linux numbers processes with
// In place of the real builder, which takes a minute: says that it ran, and fails where another one is at work.
const BUILDER = `
  import { appendFileSync, mkdirSync, rmdirSync } from 'node:fs'
  appendFileSync('built', 'x')
  mkdirSync('web/.next/lock', { recursive: true })
  mkdirSync('web/.next/lock/mine')
  setTimeout(() => rmdirSync('web/.next/lock/mine'), 200)`

let root: string
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const builds = () => readFileSync(join(root, 'built'), 'utf8').length
const claim = () => join(root, 'web', '.next-builder')
const build = () => buildConsole(root, process.env)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'voxcalls-console-build-'))
  put('package.json', '{ "type": "module" }')
  for (const path of ['package-lock.json', 'tsconfig.json', 'web/page.tsx', 'api/contract/x.ts'])
    put(path, '')
  put('api/domains/calls/contract.ts', '')
  put('node_modules/next/package.json', '{ "type": "module" }')
  put('node_modules/next/dist/bin/next', BUILDER)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('builds once for those who come at once, and again when a source changed', async () => {
  expect((await Promise.all([build(), build(), build()])).sort()).toEqual([
    'built',
    'fresh',
    'fresh',
  ])
  expect(builds()).toBe(1)
  put('api/domains/calls/contract.ts', 'export {}')
  expect(await build()).toBe('built')
  expect(builds()).toBe(2)
  expect(existsSync(claim())).toBe(false)
})

test('goes on where a builder was killed, and waits for one that lives', async () => {
  writeFileSync(claim(), String(NOBODY))
  expect(await build()).toBe('built')
  put('web/page.tsx', 'export {}')
  writeFileSync(claim(), String(process.pid))
  const waiting = build()
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(builds()).toBe(1)
  rmSync(claim())
  expect(await waiting).toBe('built')
})

test('a builder that fails is told with its words, and leaves the next one free', async () => {
  put('node_modules/next/dist/bin/next', 'console.error("no such page"); process.exit(1)')
  await expect(build()).rejects.toThrow('no such page')
  put('node_modules/next/dist/bin/next', BUILDER)
  expect(await build()).toBe('built')
})
