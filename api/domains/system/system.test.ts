import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { pauseOrganization } from '#contracts/organizations'
import * as contract from './contract.ts'
import { changeSetting, currentSettings } from './service.ts'
import { definitions, settingKeys, settingsFrom } from './settings.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
afterAll(() => api.close())

const at = (iso: string) => ({ ...api.ctx, now: () => new Date(iso) })
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const change = (key: string, body: { value: number; effectiveFrom?: string; reason?: string }) =>
  api.call(contract.changeSetting, { params: { key }, body: { reason: 'a test', ...body } }, root)
const platformEntries = () =>
  api.database.query(
    'platform',
    'select action, subject, actor_id, before, after from platform_audit_entries order by sequence',
  )

test('without any stored value the defaults count', () => {
  expect(settingsFrom(new Map())).toMatchObject({
    sliceSeconds: 60,
    renewWhenLeftSeconds: 30,
    minimumSliceSeconds: 10,
    platformMaxConcurrentCalls: 1_000,
  })
})

test.each(settingKeys)('%s has a default within its own bounds', (key) => {
  const { minimum, maximum, default: value } = definitions[key]
  expect(value).toBeGreaterThanOrEqual(minimum)
  expect(value).toBeLessThanOrEqual(maximum)
})

test('a value counts from its date on, and the one before it until then', async () => {
  const said = at('2020-01-01T00:00:00Z')
  const from = (value: number, effectiveFrom: string) =>
    changeSetting(said, 'slice_seconds', {
      value,
      effectiveFrom: new Date(effectiveFrom),
      reason: 'test',
    })
  await from(120, '2020-03-01T00:00:00Z')
  await from(90, '2020-02-01T00:00:00Z')
  const sliceAt = async (iso: string) => (await currentSettings(at(iso))).sliceSeconds
  expect(await sliceAt('2020-01-31T23:59:59.999Z')).toBe(60)
  expect(await sliceAt('2020-02-01T00:00:00.000Z')).toBe(90)
  expect(await sliceAt('2020-04-01T00:00:00.000Z')).toBe(120)
})

test('a stored value out of its bounds is not served', () => {
  expect(() => settingsFrom(new Map([['slice_seconds', 'a minute']]))).toThrow()
  expect(() => settingsFrom(new Map([['slice_seconds', 9]]))).toThrow()
})

test('a change counts at once or later, is listed with who made it and why, and is on record', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const first = await change('live_analysis_max_concurrent', { value: 7, reason: 'a slow vendor' })
  expect(contract.setting.parse(first.json())).toMatchObject({ value: 7, default: 100 })
  const second = await change('live_analysis_max_concurrent', { value: 9, effectiveFrom: later })
  expect(contract.setting.parse(second.json())).toMatchObject({
    value: 7,
    versions: [
      { value: 9, effectiveFrom: new Date(later), actorId: root.userId },
      { value: 7, reason: 'a slow vendor', actorId: root.userId },
    ],
  })
  expect((await currentSettings(api.ctx)).liveAnalysisMaxConcurrent).toBe(7)
  expect((await currentSettings(at(later))).liveAnalysisMaxConcurrent).toBe(9)
  expect((await platformEntries()).slice(-2)).toMatchObject([
    {
      action: 'system.change-setting',
      subject: 'live_analysis_max_concurrent',
      actor_id: root.userId,
      before: { value: 100 },
      after: { value: 7, reason: 'a slow vendor' },
    },
    { before: { value: 7 }, after: { value: 9, effectiveFrom: later } },
  ])

  const listed = await api.call(contract.listSettings, {}, root)
  const { items } = contract.listSettings.response.parse(listed.json())
  expect(items.map(({ key }) => key)).toEqual(settingKeys)
  expect(items.find(({ key }) => key === 'live_analysis_max_concurrent')).toMatchObject({
    unit: 'calls',
    minimum: 0,
    maximum: 100_000,
    value: 7,
    versions: [{ value: 9 }, { value: 7 }],
  })
})

test('a change of yesterday, out of bounds or of no setting is refused and leaves nothing', async () => {
  const before = (await platformEntries()).length
  const past = new Date(Date.now() - 60_000).toISOString()
  expect(codeOf(await change('slice_seconds', { value: 60, effectiveFrom: past }))).toBe(
    'request.effective_in_past',
  )
  const wrong = await change('slice_seconds', { value: 5 })
  expect([wrong.statusCode, problem.parse(wrong.json()).errors]).toEqual([
    400,
    [{ path: 'body.value', message: 'must be from 10 to 600' }],
  ])
  expect((await change('slice_minutes', { value: 5 })).statusCode).toBe(404)
  expect((await change('toString', { value: 5 })).statusCode).toBe(404)
  expect(await platformEntries()).toHaveLength(before)
})

test('changes at once come one after another, and each tells what it found', async () => {
  const before = (await platformEntries()).length
  const answers = await Promise.all(
    [20, 21, 22, 23].map((value) => change('minimum_slice_seconds', { value })),
  )
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  const entries = (await platformEntries()).slice(before)
  const after = entries.map((entry) => entry.after.value)
  expect(after.toSorted()).toEqual([20, 21, 22, 23])
  expect(entries.map((entry) => entry.before.value)).toEqual([10, ...after.slice(0, 3)])
  expect((await currentSettings(api.ctx)).minimumSliceSeconds).toBe(after.at(-1))
})

const setFlag = (organizationId: string, flag: 'api_keys' | 'mock_calls', enabled: boolean) =>
  api.call(
    contract.setFlag,
    { params: { organizationId }, body: { flag, enabled, reason: 'a trial' } },
    root,
  )
const flagsOf = async (organizationId: string) => {
  const response = await api.call(contract.listFlags, { params: { organizationId } }, root)
  return contract.listFlags.response.parse(response.json()).items
}

test('a feature is switched for one organization, on its record, and its members see it', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const other = await api.database.anOrganization()
  expect((await flagsOf(organizationId)).every(({ enabled }) => enabled)).toBe(true)

  const off = await setFlag(organizationId, 'mock_calls', false)
  expect(contract.flag.parse(off.json())).toMatchObject({
    flag: 'mock_calls',
    enabled: false,
    reason: 'a trial',
    actorId: root.userId,
  })
  const own = await api.call(contract.listOwnFlags, {}, admin)
  expect(contract.listOwnFlags.response.parse(own.json()).items).toContainEqual({
    flag: 'mock_calls',
    enabled: false,
  })
  expect((await flagsOf(other)).every(({ enabled }) => enabled)).toBe(true)
  const entries = await api.database.query(
    'app',
    `select action, subject, before, after from audit_entries where action = 'system.set-flag'`,
    [],
    organizationId,
  )
  expect(entries).toEqual([
    {
      action: 'system.set-flag',
      subject: 'mock_calls',
      before: { enabled: true },
      after: { enabled: false, reason: 'a trial' },
    },
  ])
})

test('switching to what stands already changes nothing, also twice at once', async () => {
  const organizationId = await api.database.anOrganization()
  const count = async () =>
    (await api.database.query('app', 'select 1 from audit_entries', [], organizationId)).length
  await setFlag(organizationId, 'mock_calls', true)
  expect(await count()).toBe(0)
  await Promise.all([1, 2, 3].map(() => setFlag(organizationId, 'mock_calls', false)))
  expect(await count()).toBe(1)
  await setFlag(organizationId, 'mock_calls', true)
  expect(await count()).toBe(2)
})

test('flags of no organization are not found, and a paused one’s can still be switched', async () => {
  expect((await setFlag(crypto.randomUUID(), 'mock_calls', false)).statusCode).toBe(404)
  const nobody = { params: { organizationId: crypto.randomUUID() } }
  expect((await api.call(contract.listFlags, nobody, root)).statusCode).toBe(404)
  const organizationId = await api.database.anOrganization()
  await api.call(
    pauseOrganization,
    { params: { organizationId }, body: { reason: 'unpaid' } },
    root,
  )
  expect((await setFlag(organizationId, 'api_keys', false)).statusCode).toBe(200)
})
