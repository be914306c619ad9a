import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { extendSlice, findListener } from '#api/domains/calls/service.ts'
import {
  aCallCentre,
  aLiveCall,
  aRingingCall,
  MINIMUM_SECONDS,
  setPrice,
} from '#api/domains/calls/testing.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { getMe } from '#contracts/access'
import * as contract from './contract.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
  root = await api.aHolderOf('super_admin')
})
afterAll(() => api.close())

const moves = {
  pause: contract.pauseOrganization,
  archive: contract.archiveOrganization,
  resume: contract.resumeOrganization,
}
type Verb = keyof typeof moves
const move = (verb: Verb, organizationId: string, as = root) =>
  api.call(moves[verb], { params: { organizationId }, body: { reason: `to ${verb}` } }, as)
const outcome = (response: { statusCode: number; json(): unknown }) =>
  response.statusCode < 300 ? response.statusCode : problem.parse(response.json()).code
const audited = (organizationId: string) =>
  api.database.query(
    'app',
    `select action, before, after from audit_entries where action like 'organizations.%' order by sequence`,
    [],
    organizationId,
  )

test('every move but those that lead nowhere is made once, with its reason kept and recorded', async () => {
  const organizationId = await api.database.anOrganization()
  const steps: [Verb, number | string, string][] = [
    ['resume', 'organization.status_conflict', 'active'],
    ['pause', 200, 'paused'],
    ['pause', 'organization.status_conflict', 'paused'],
    ['archive', 200, 'archived'],
    ['pause', 'organization.status_conflict', 'archived'],
    ['archive', 'organization.status_conflict', 'archived'],
    ['resume', 200, 'active'],
    ['archive', 200, 'archived'],
  ]
  for (const [verb, expected, status] of steps) {
    const response = await move(verb, organizationId)
    expect(outcome(response), verb).toBe(expected)
    const shown = await api.call(
      contract.getOrganizationDetail,
      { params: { organizationId } },
      root,
    )
    const statusReason = status === 'active' ? null : `to ${status.replace(/d$/, '')}`
    expect(shown.json()).toMatchObject({ status, statusReason })
    if (expected === 200) expect(response.json()).toMatchObject({ status, statusReason })
  }
  const entry = (verb: Verb, before: string, status: string) => ({
    action: `organizations.${verb}`,
    before: { status: before },
    after: { status, reason: `to ${verb}` },
  })
  expect(await audited(organizationId)).toEqual([
    entry('pause', 'active', 'paused'),
    entry('archive', 'paused', 'archived'),
    entry('resume', 'archived', 'active'),
    entry('archive', 'active', 'archived'),
  ])
  const told = api.sent.filter(({ data }) => JSON.stringify(data).includes(organizationId))
  expect(told.map(({ name }) => name)).toEqual([
    'organization.paused',
    'organization.archived',
    'organization.resumed',
    'organization.archived',
  ])
})

test('paused several times at once is paused and recorded once', async () => {
  const organizationId = await api.database.anOrganization()
  const answers = await Promise.all([1, 2, 3].map(() => move('pause', organizationId)))
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409, 409])
  expect(await audited(organizationId)).toHaveLength(1)
})

test('only the office moves a status, and only of an organization that exists', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const manager = await api.aHolderOf('manager')
  for (const verb of ['pause', 'archive', 'resume'] as const) {
    expect(outcome(await move(verb, organizationId, admin))).toBe('request.forbidden')
    expect(outcome(await move(verb, organizationId, manager))).toBe('request.forbidden')
    expect(outcome(await move(verb, randomUUID()))).toBe('request.not_found')
  }
  expect(await audited(organizationId)).toEqual([])
})

test.each(['pause', 'archive'] as const)(
  'after a %s a running call gets no further slice, and no new call is taken',
  async (verb) => {
    const centre = await aCallCentre(api)
    const admin = await api.aHolderOf('admin', centre.organizationId)
    const call = await aLiveCall(api, centre)
    const next = (slice: number) =>
      extendSlice(api.ctx, call, {
        slice,
        totalSeconds: slice * 60,
        minimumSeconds: MINIMUM_SECONDS,
      })
    expect(await next(2)).toMatchObject({ outcome: 'extended', fundedSeconds: 120 })
    const listener = () => findListener(api.ctx, centre.organizationId, admin.userId)
    expect(await listener()).toEqual({ showsCost: true })

    expect(outcome(await move(verb, centre.organizationId))).toBe(200)
    // The gateway asks for the third slice before the second is used up, and ends the call with this answer.
    expect(await next(3)).toEqual({ outcome: 'organization_paused' })
    await expect(aRingingCall(api, centre)).rejects.toMatchObject({
      code: 'calls.organization_not_active',
    })
    // What every live socket asks again within five seconds.
    expect(await listener()).toBeNull()
    const wallet = await api.database.query(
      'app',
      'select held_cents::int as held from wallets',
      [],
      centre.organizationId,
    )
    expect(wallet).toEqual([{ held: 120 }])

    expect(outcome(await move('resume', centre.organizationId))).toBe(200)
    expect(await next(3)).toMatchObject({ outcome: 'extended', fundedSeconds: 180 })
    expect(await listener()).toEqual({ showsCost: true })
    await expect(aRingingCall(api, centre)).resolves.toMatchObject({
      organizationId: centre.organizationId,
    })
  },
)

test('members read while paused, nothing while archived, and everything again afterwards', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const read = () => api.call(contract.getOrganization, {}, admin)
  const write = () =>
    api.call(contract.updateOrganization, { body: { repSeesAnalysisFirst: true } }, admin)
  const both = async () => [outcome(await read()), outcome(await write())]
  const closed = 'organization.not_active'

  await move('pause', organizationId)
  expect(await both()).toEqual([200, closed])
  await move('archive', organizationId)
  expect(await both()).toEqual([closed, closed])
  const me = await api.call(getMe, {}, admin)
  expect(me.json().membership).toMatchObject({ organizationStatus: 'archived' })
  await move('resume', organizationId)
  expect(await both()).toEqual([200, 200])
})
