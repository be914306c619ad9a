import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { entryOf, missingFrom } from './complete-lockfile.mjs'

const lock = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
) as Parameters<typeof missingFrom>[0]

test('the lockfile describes the packages of every platform, so that npm ci takes it anywhere', () => {
  expect(missingFrom(lock).map(({ name }) => name)).toEqual([])
})

test('the lockfile names no registry', () => {
  expect(JSON.stringify(lock)).not.toMatch(/"resolved":"https?:/)
})

test('a package that is missing is described by its name', () => {
  const some = {
    packages: {
      'node_modules/tool': {
        dev: true,
        optionalDependencies: { '@tool/linux-x64-musl': '1.2.3', '@tool/darwin-arm64': '1.2.3' },
      },
      'node_modules/@tool/darwin-arm64': {},
    },
  }
  const missing = missingFrom(some)
  expect(missing).toEqual([{ name: '@tool/linux-x64-musl', version: '1.2.3', dev: true }])
  expect(missing.map(entryOf)).toEqual([
    { version: '1.2.3', cpu: ['x64'], dev: true, libc: ['musl'], optional: true, os: ['linux'] },
  ])
})

test('what is no platform package is not made up', () => {
  expect(() => entryOf({ name: 'left-pad', version: '1.0.0', dev: false })).toThrow('install it')
})
