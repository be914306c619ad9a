import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { createKeyring, open, seal } from '#api/core/sealing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { openSecret, rewrapDataKeys, sealSecret } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const place = { table: 'webhook_endpoints', column: 'secret', rowId: 'a' }
const old = { id: 'old', key: Buffer.alloc(32, 1) }
const fresh = { id: 'fresh', key: Buffer.alloc(32, 2) }
const under = (keys: { id: string; key: Buffer }[], organizationId: string) =>
  forOrganization({ ...api.ctx, keyring: createKeyring(keys) }, organizationId)
const sealUnder = (keys: { id: string; key: Buffer }[], organizationId: string, text: string) =>
  inTransaction(under(keys, organizationId), (tx) => sealSecret(tx, place, text))
const openUnder = (
  keys: { id: string; key: Buffer }[],
  organizationId: string,
  sealed: string,
  at = place,
) => inTransaction(under(keys, organizationId), (tx) => openSecret(tx, at, sealed))

test('a secret opens where it was sealed, and what is stored does not show it', async () => {
  const organizationId = await api.database.anOrganization()
  const sealed = await sealUnder([old], organizationId, 'whsec_12345')
  expect(sealed).toMatch(/^v1\.[\w-]{36}\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/)
  expect(sealed).not.toContain('whsec')
  expect(await openUnder([old], organizationId, sealed)).toBe('whsec_12345')
})

test('one text sealed twice looks different', async () => {
  const organizationId = await api.database.anOrganization()
  const first = await sealUnder([old], organizationId, 'same')
  expect(await sealUnder([old], organizationId, 'same')).not.toBe(first)
})

test('a sealed value moved to another row, column or organization does not open', async () => {
  const [ours, theirs] = [
    await api.database.anOrganization(),
    await api.database.anOrganization(),
  ] as const
  const sealed = await sealUnder([old], ours, 'secret')
  for (const moved of [{ rowId: 'b' }, { column: 'url' }, { table: 'phone_accounts' }])
    await expect(openUnder([old], ours, sealed, { ...place, ...moved })).rejects.toThrow()
  await expect(openUnder([old], theirs, sealed)).rejects.toThrow('is gone')
})

test('a changed bit anywhere in a sealed value is noticed', () => {
  const sealed = seal(old, ['here'], Buffer.from('secret'))
  const head = sealed.indexOf('.', 3) + 1
  for (let at = head; at < sealed.length; at++) {
    if (sealed[at] === '.') continue
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    // The last character of a part may hold bits that decode to nothing.
    if (bytesOf(changed) === bytesOf(sealed)) continue
    expect(() => open(old, ['here'], changed), `at ${at}`).toThrow()
  }
})
const bytesOf = (sealed: string) =>
  sealed
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('hex'))
    .join()

test('a rotated key takes over while values stay readable, after which the old key can go', async () => {
  const organizationId = await api.database.anOrganization()
  const sealed = await sealUnder([old], organizationId, 'kept')
  await expect(openUnder([fresh], organizationId, sealed)).rejects.toThrow(
    'ENCRYPTION_KEYS lacks the key old',
  )
  expect(await openUnder([fresh, old], organizationId, sealed)).toBe('kept')

  const both = { ...api.ctx, keyring: createKeyring([fresh, old]) }
  const [one, two] = await Promise.all([rewrapDataKeys(both), rewrapDataKeys(both)])
  expect(one + two).toBeGreaterThan(0)
  expect(await rewrapDataKeys(both)).toBe(0)
  expect(await openUnder([fresh], organizationId, sealed)).toBe('kept')
})

test('two who seal an organization’s first secrets at once both read them again', async () => {
  const organizationId = await api.database.anOrganization()
  const texts = ['one', 'two', 'three']
  const sealed = await Promise.all(texts.map((text) => sealUnder([fresh], organizationId, text)))
  for (const [index, value] of sealed.entries())
    expect(await openUnder([fresh], organizationId, value)).toBe(texts[index])
})
