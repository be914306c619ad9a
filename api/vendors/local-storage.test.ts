import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ObjectStore } from '#api/core/vendors.ts'
import { localStorage } from './local-storage.ts'

let folder: string
let store: ObjectStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxcalls-objects-'))
  store = localStorage(join(folder, 'objects'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (key: string, text: string) => store.put(key, Buffer.from(text), 'text/plain')

async function textOf(key: string, range?: { start: number; end: number }) {
  const found = await store.get(key, range)
  return found && { text: await new Response(found.stream).text(), sizeBytes: found.sizeBytes }
}

async function listed(
  prefix: string,
): Promise<{ key: string; sizeBytes: number; storedAt: Date }[]> {
  const found = []
  for await (const object of store.list(prefix)) found.push(object)
  return found
}
const keysOf = async (prefix: string) => (await listed(prefix)).map(({ key }) => key)

test('an object comes back as it was put, whole or in part', async () => {
  await put('org/a/one', '0123456789')
  expect(await textOf('org/a/one')).toEqual({ text: '0123456789', sizeBytes: 10 })
  expect(await textOf('org/a/one', { start: 2, end: 4 })).toEqual({ text: '234', sizeBytes: 10 })
  expect(await textOf('org/a/one', { start: 8, end: 99 })).toEqual({ text: '89', sizeBytes: 10 })
})

test('putting an object again replaces it and leaves nothing beside it', async () => {
  await put('org/a/one', 'first')
  await put('org/a/one', 'second')
  expect((await textOf('org/a/one'))?.text).toBe('second')
  expect(readdirSync(join(folder, 'objects', 'org', 'a'))).toEqual(['one'])
})

test('two puts of one key at once leave one of the two, whole', async () => {
  const [a, b] = ['a'.repeat(200_000), 'b'.repeat(200_000)]
  await Promise.all([put('org/a/one', a), put('org/a/one', b)])
  expect([a, b]).toContain((await textOf('org/a/one'))?.text)
})

test('what was never put or was deleted is null, and deleting twice is fine', async () => {
  expect(await textOf('org/a/one')).toBeNull()
  await put('org/a/one', 'x')
  await store.delete('org/a/one')
  await store.delete('org/a/one')
  expect(await textOf('org/a/one')).toBeNull()
  expect(await textOf('org')).toBeNull()
})

test('a list holds the keys under a prefix with their sizes, without unfinished ones', async () => {
  for (const key of ['org/a/one', 'org/a/two', 'org/ab/one', 'other/x']) await put(key, key)
  writeFileSync(join(folder, 'objects', 'org', 'a', '.part-1'), 'half')
  expect(await keysOf('org/a/')).toEqual(['org/a/one', 'org/a/two'])
  expect(await keysOf('org/a')).toEqual(['org/a/one', 'org/a/two', 'org/ab/one'])
  expect(await keysOf('')).toEqual(['org/a/one', 'org/a/two', 'org/ab/one', 'other/x'])
  expect(await keysOf('nothing/')).toEqual([])
  expect(await listed('other/')).toEqual([
    { key: 'other/x', sizeBytes: 7, storedAt: expect.any(Date) },
  ])
})

test('a key that could leave the folder is refused', async () => {
  for (const key of ['../x', 'org/../x', '/etc/passwd', 'org//x', 'org/.x', '', 'a\\b', 'a\0b'])
    await expect(put(key, 'x')).rejects.toThrow(/plain segments/)
  await expect(store.get('../x')).rejects.toThrow(/plain segments/)
  await expect(store.delete('../x')).rejects.toThrow(/plain segments/)
})

test('a folder that cannot be written fails as a vendor that may work later', async () => {
  symlinkSync(join(folder, 'nowhere', 'deeper'), join(folder, 'objects'))
  await expect(put('org/a/one', 'x')).rejects.toMatchObject({
    vendor: 'storage',
    operation: 'put',
    retryable: true,
  })
})
