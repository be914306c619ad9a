import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Call } from '#api/contract/endpoint.ts'
import { verifyChains } from '#api/domains/audit/service.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { getOrganization, updateOrganization } from './contract.ts'

let api: TestApi
let admin: Person
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())
beforeEach(async () => {
  admin = await api.aHolderOf('admin')
})

type Changes = Call<typeof updateOrganization>['body']
const update = (body: Changes, as = admin) => api.call(updateOrganization, { body }, as)
const present = async () => (await api.call(getOrganization, {}, admin)).json()
const audited = () =>
  api.database.query<{ before: object; after: object }>(
    'app',
    `select before, after from audit_entries where action = 'organizations.update' order by sequence`,
    [],
    admin.organizationId ?? '',
  )
const told = () =>
  api.sent.filter(
    ({ name, data }) =>
      name === 'organization.time-zone-changed' &&
      JSON.stringify(data).includes(admin.organizationId ?? ''),
  )

test('what is given is changed and recorded, the rest stays as it was', async () => {
  const before = await present()
  const response = await update({
    name: '  Northwind  ',
    recordingRetentionDays: 30,
    allowedCountries: ['DE', 'AT', 'DE'],
    notificationEmails: ['Ada@Example.com', 'ada@example.com', 'bob@example.com'],
  })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({
    ...before,
    name: 'Northwind',
    recordingRetentionDays: 30,
    allowedCountries: ['AT', 'DE'],
    notificationEmails: ['ada@example.com', 'bob@example.com'],
  })
  expect(await present()).toEqual(response.json())
  const entries = await audited()
  expect(entries).toEqual([
    {
      before: {
        name: 'Test organization',
        recordingRetentionDays: 90,
        allowedCountries: [],
        notificationEmailCount: 0,
      },
      after: {
        name: 'Northwind',
        recordingRetentionDays: 30,
        allowedCountries: ['AT', 'DE'],
        notificationEmailCount: 2,
      },
    },
  ])
  expect(JSON.stringify(entries)).not.toContain('example.com')
  expect(await verifyChains(api.ctx)).toEqual([])
})

test('what is so already, or nothing at all, writes nothing', async () => {
  await update({ timeZone: 'Europe/Berlin', announcementEnabled: false })
  const count = (await audited()).length
  expect(told()).toHaveLength(1)
  for (const body of [{}, { timeZone: 'Europe/Berlin', announcementEnabled: false }])
    expect((await update(body)).statusCode).toBe(200)
  expect(await audited()).toHaveLength(count)
  expect(told()).toHaveLength(1)
})

test('two changes at once both count, and each records what it found', async () => {
  await Promise.all([
    update({ recordingRetentionDays: 10 }),
    update({ transcriptRetentionDays: 20 }),
    update({ announcementText: 'We record.' }),
  ])
  expect(await present()).toMatchObject({
    recordingRetentionDays: 10,
    transcriptRetentionDays: 20,
    announcementText: 'We record.',
  })
  expect(await audited()).toHaveLength(3)
  const [first, second] = await Promise.all([update({ name: 'A' }), update({ name: 'B' })])
  expect([first.statusCode, second.statusCode]).toEqual([200, 200])
  const names = (await audited()).slice(-2).map(({ before, after }) => [before, after])
  expect(names[1]?.[0]).toEqual(names[0]?.[1])
})

test.each<[string, object]>([
  ['a name of spaces', { name: '   ' }],
  ['a time zone that does not exist', { timeZone: 'Europe/Atlantis' }],
  ['no retention', { recordingRetentionDays: 0 }],
  ['a retention of eleven years', { transcriptRetentionDays: 4_015 }],
  ['a country in words', { allowedCountries: ['Germany'] }],
  ['an address that is none', { notificationEmails: ['ada'] }],
  ['a limit that is the office’s', { maxConcurrentCalls: 1_000 }],
  ['a status', { status: 'archived' }],
  ['a text where a switch is', { announcementEnabled: 'no' }],
])('%s is refused and changes nothing', async (_what, body) => {
  const before = await present()
  expect((await update(body as Changes)).statusCode).toBe(400)
  expect(await present()).toEqual(before)
  expect(await audited()).toEqual([])
})

test('only an admin changes settings, only those of the own organization', async () => {
  const manager = await api.aHolderOf('org_manager', admin.organizationId ?? '')
  const stranger = await api.aHolderOf('admin')
  expect((await update({ name: 'Mine' }, manager)).statusCode).toBe(403)
  expect((await update({ name: 'Mine' }, stranger)).statusCode).toBe(200)
  expect(await present()).toMatchObject({ name: 'Test organization' })
})
