import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findNode, isStamped, staleness, stamp } from './install.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxcalls-install-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lockfile = (packages: Record<string, object>) =>
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))

function installed(packages: Record<string, object>) {
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true })
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }))
}

function pinnedNode(version: string, exitCode = 0) {
  const file = join(folder, 'node_modules', '.bin', 'node')
  writeFileSync(file, `#!/bin/sh\necho ${version}\nexit ${exitCode}\n`)
  chmodSync(file, 0o755)
  return file
}

const zod = { 'node_modules/zod': { version: '4.6.7' } }

test('packages somebody installed by hand from the same lockfile are taken as they are', () => {
  lockfile({ '': {}, ...zod, 'node_modules/fsevents': { version: '2.0.0', optional: true } })
  installed(zod)
  expect(staleness(folder)).toBeUndefined()
})

test('a folder without node_modules is to be installed', () => {
  lockfile(zod)
  expect(staleness(folder)).toBe('the packages are not installed yet')
})

test('another version or a missing package is to be installed', () => {
  lockfile({ ...zod, 'node_modules/ws': { version: '8.23.0' } })
  installed({ ...zod, 'node_modules/ws': { version: '8.22.0' } })
  expect(staleness(folder)).toMatch(/not the ones/)
  installed(zod)
  expect(staleness(folder)).toMatch(/not the ones/)
})

test('the stamp holds only for the lockfile it was made for', () => {
  lockfile(zod)
  installed(zod)
  expect(isStamped(folder)).toBe(false)
  stamp(folder)
  expect(isStamped(folder)).toBe(true)
  expect(staleness(folder)).toBeUndefined()
  lockfile({ 'node_modules/zod': { version: '4.6.8' } })
  expect(staleness(folder)).toMatch(/not the ones/)
})

test('the pinned Node is taken, unless it is too old or does not run here', () => {
  installed({})
  const own = { version: 'v24.0.0', execPath: '/own/node' }
  const pinned = pinnedNode('v24.21.0')
  expect(findNode(folder, own)).toBe(pinned)
  pinnedNode('v20.20.2')
  expect(findNode(folder, own)).toBe('/own/node')
  pinnedNode('v24.21.0', 127)
  expect(findNode(folder, own)).toBe('/own/node')
  expect(findNode(folder, { version: 'v20.20.2', execPath: '/own/node' })).toBeUndefined()
})
