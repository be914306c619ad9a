import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { archiveAgent, createAgent } from '#api/domains/agents/service.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import { runNextJob, sweepRunsJob } from './jobs.ts'
import { lockTests } from './queries.ts'
import { claimNext, finishRun, requireClaim } from './runs/claim.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const steps = [{ says: 'When are you open?' }, { agentSays: 'nine to five' }]

type Place = { admin: Person; organizationId: string; agentId: string }
async function anAgent(): Promise<Place> {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const ctx = forOrganization(api.ctx, organizationId)
  const { id: agentId } = await createAgent(ctx, {
    name: 'Dana',
    spec: { prompt: 'We are open from nine to five.', firstMessage: 'Hello.' },
  })
  return { admin, organizationId, agentId }
}

const create = ({ agentId, admin }: Place, name = `Test ${randomUUID()}`) =>
  api.call(contract.createAgentTest, { params: { agentId }, body: { name, steps } }, admin)
async function aTest(place: Place, name?: string) {
  const made = await create(place, name)
  expect(made.statusCode, made.body).toBe(201)
  return contract.agentTest.parse(made.json())
}
const start = ({ agentId, admin }: Place, testIds?: string[]) =>
  api.call(contract.startTestRuns, { params: { agentId }, body: testIds ? { testIds } : {} }, admin)
async function started(place: Place, testIds?: string[]) {
  const answer = await start(place, testIds)
  expect(answer.statusCode, answer.body).toBe(202)
  return contract.startTestRuns.response.parse(answer.json()).items
}
async function runsOf({ agentId, admin }: Place, testId?: string) {
  const query = testId ? { testId } : {}
  const answer = await api.call(contract.listTestRuns, { params: { agentId }, query }, admin)
  expect(answer.statusCode, answer.body).toBe(200)
  return contract.listTestRuns.response.parse(answer.json()).items
}
const end = ({ agentId, admin }: Place, runId: string) =>
  api.call(contract.endTestRun, { params: { agentId, runId } }, admin)
async function ended(place: Place, runId: string) {
  const answer = await end(place, runId)
  expect(answer.statusCode, answer.body).toBe(202)
  return contract.endTestRun.response.parse(answer.json())
}
const pickUp = ({ organizationId, agentId }: Place) =>
  claimNext(forOrganization(api.ctx, organizationId), agentId)
const admin = (text: string, values: unknown[]) => api.database.query('admin', text, values)
const work = ({ organizationId, agentId }: Place) =>
  runNextJob.run(api.ctx, { organizationId, agentId })

test('a test is made, read, changed and deleted, each once in the audit', async () => {
  const place = await anAgent()
  const { agentId } = place
  const made = await aTest(place, 'Hours')
  expect(made).toMatchObject({
    name: 'Hours',
    revision: 1,
    verdict: 'not_run',
    lastRun: null,
    steps: [steps[0], { agentSays: 'nine to five', withinMs: 15_000 }],
    updatedBy: 'Test Person',
  })
  const params = { agentId, testId: made.id }
  const body = { name: 'Hours and days', steps: [{ waits: 100 }], expectedRevision: 1 }
  const changed = await api.call(contract.replaceAgentTest, { params, body }, place.admin)
  expect(changed.json()).toMatchObject({ name: body.name, steps: body.steps, revision: 2 })
  expect((await api.call(contract.getAgentTest, { params }, place.admin)).json()).toEqual(
    changed.json(),
  )
  expect((await api.call(contract.deleteAgentTest, { params }, place.admin)).statusCode).toBe(204)
  expect((await api.call(contract.getAgentTest, { params }, place.admin)).statusCode).toBe(404)
  expect((await api.call(contract.deleteAgentTest, { params }, place.admin)).statusCode).toBe(404)
  const audit = await api.database.query<{ action: string }>(
    'app',
    `select action from audit_entries where action like 'agent-tests.%' order by sequence`,
    [],
    place.organizationId,
  )
  expect(audit.map(({ action }) => action)).toEqual([
    'agent-tests.create',
    'agent-tests.replace',
    'agent-tests.delete',
  ])
})

test('a test that cannot be used is refused at its step', async () => {
  const place = await anAgent()
  const body = { name: 'Wrong', steps: [{ says: 'Hi' }, { sayz: 'Hi' }] }
  const refused = await api.app.inject({
    method: 'POST',
    url: `/v1/agents/${place.agentId}/tests`,
    headers: { authorization: `Bearer ${place.admin.token}` },
    payload: body,
  })
  expect(refused.statusCode).toBe(400)
  const { errors } = problem.parse(refused.json())
  expect(errors).toMatchObject([{ path: 'body.steps.1' }])
  expect(errors?.[0]?.message).toContain('must have one of says, interrupts')
})

test('of two at once who save one revision, or take one name, one is told', async () => {
  const place = await anAgent()
  const { agentId } = place
  const made = await aTest(place, 'Twice')
  const params = { agentId, testId: made.id }
  const save = (name: string) => {
    const body = { name, steps, expectedRevision: 1 }
    return api.call(contract.replaceAgentTest, { params, body }, place.admin)
  }
  const both = await Promise.all([save('One'), save('Other')])
  expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409])
  const refused = both.find(({ statusCode }) => statusCode === 409)
  expect(refused && codeOf(refused)).toBe('agent-tests.changed_elsewhere')

  const named = await Promise.all([create(place, 'Same'), create(place, 'sAME')])
  expect(named.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409])
  const taken = named.find(({ statusCode }) => statusCode === 409)
  expect(taken && codeOf(taken)).toBe('agent-tests.name_taken')
  await aTest(await anAgent(), 'Same')
})

test('an agent has fifty tests and no more, also when two make the last at once', async () => {
  const place = await anAgent()
  await admin(
    `insert into agent_tests (organization_id, id, agent_id, name, steps)
     select $1, gen_random_uuid(), $2, 'Test ' || n, $3 from generate_series(1, 49) n`,
    [place.organizationId, place.agentId, JSON.stringify([{ waits: 100 }])],
  )
  const both = await Promise.all([create(place), create(place)])
  expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409])
  const refused = both.find(({ statusCode }) => statusCode === 409)
  expect(refused && codeOf(refused)).toBe('agent-tests.too_many')
})

describe('runs', () => {
  test('are lined up in the order of the tests, and one that waits is not run twice', async () => {
    const place = await anAgent()
    expect(codeOf(await start(place))).toBe('agent-tests.nothing_to_run')
    const tests = [await aTest(place, 'A'), await aTest(place, 'B'), await aTest(place, 'C')]
    const [first] = tests
    const [one] = await started(place, [first?.id ?? ''])
    const all = await started(place)
    expect(all.map(({ testName }) => testName)).toEqual(['A', 'B', 'C'])
    expect(all[0]?.id).toBe(one?.id)
    const twice = await Promise.all([started(place), started(place)])
    for (const again of twice) expect(again.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect((await runsOf(place)).map(({ testName }) => testName)).toEqual(['C', 'B', 'A'])
    expect(await runsOf(place, first?.id)).toHaveLength(1)
    expect(api.sent.filter(({ name }) => name === runNextJob.name).length).toBeGreaterThan(0)
  })

  test('under one key are the same runs, whatever became of them', async () => {
    const place = await anAgent()
    await aTest(place)
    const key = randomUUID()
    const ask = () =>
      api.app.inject({
        method: 'POST',
        url: `/v1/agents/${place.agentId}/test-runs`,
        headers: { authorization: `Bearer ${place.admin.token}`, 'idempotency-key': key },
        payload: {},
      })
    const first = await ask()
    await admin(
      `update agent_test_runs set state = 'broken', reason = 'call_lost', finished_at = now() where agent_id = $1`,
      [place.agentId],
    )
    expect((await ask()).json()).toEqual(first.json())
    expect(await runsOf(place)).toHaveLength(1)
  })

  test('of a test that changes before they began are runs of what it says then', async () => {
    const place = await anAgent()
    const { id: testId, name } = await aTest(place)
    await started(place)
    const body = { name, steps: [{ waits: 200 }], expectedRevision: 1 }
    const params = { agentId: place.agentId, testId }
    await api.call(contract.replaceAgentTest, { params, body }, place.admin)
    expect(await runsOf(place)).toMatchObject([{ testRevision: 2, state: 'queued' }])
  })

  test('of a test that is deleted are kept, and those that waited are not run', async () => {
    const place = await anAgent()
    const { id: testId } = await aTest(place, 'Gone')
    await started(place)
    const params = { agentId: place.agentId, testId }
    await api.call(contract.deleteAgentTest, { params }, place.admin)
    expect(await runsOf(place)).toMatchObject([
      { testId: null, testName: 'Gone', state: 'broken', reason: 'test_deleted', isPresent: false },
    ])
    await work(place)
    expect(await runsOf(place)).toHaveLength(1)
  })

  test('wait for nothing where the feature is off or the agent is gone', async () => {
    const off = await anAgent()
    await aTest(off)
    await started(off)
    await admin(
      `insert into feature_flags (organization_id, flag, enabled) values ($1, 'agent_calls', false)`,
      [off.organizationId],
    )
    await work(off)
    const query = 'select state, reason, call_id from agent_test_runs where agent_id = $1'
    expect(await admin(query, [off.agentId])).toEqual([
      { state: 'broken', reason: 'feature_off', call_id: null },
    ])

    const gone = await anAgent()
    await aTest(gone)
    await aTest(gone)
    await started(gone)
    await archiveAgent(forOrganization(api.ctx, gone.organizationId), gone.agentId, {})
    await work(gone)
    const broken = { state: 'broken', reason: 'agent_gone', call_id: null }
    expect(await admin(query, [gone.agentId])).toEqual([broken, broken])
  })

  test('whose job or runner was lost are found, others are left alone', async () => {
    const found = async () => {
      const before = api.sent.length
      await asPlatform(api.ctx, (tx) => sweepRunsJob.run(tx, {}))
      return api.sent
        .slice(before)
        .filter(({ name }) => name === runNextJob.name)
        .map(({ data }) => (data as { agentId: string }).agentId)
    }
    const place = await anAgent()
    await aTest(place)
    const [run] = await started(place)
    expect(await found()).toContain(place.agentId)
    const claim = `update agent_test_runs set state = 'running', claim = gen_random_uuid(),
                     claimed_until = now() + $2::interval where id = $1`
    await admin(claim, [run?.id, '10 seconds'])
    expect(await found()).not.toContain(place.agentId)
    await admin(claim, [run?.id, '-1 second'])
    expect(await found()).toContain(place.agentId)
  })

  describe('that are ended by hand', () => {
    const ENDED = { state: 'broken', reason: 'ended_by_hand', callId: null }
    const endings = (place: Place) =>
      api.database.query(
        'app',
        `select subject from audit_entries where action = 'agent-tests.end-run'`,
        [],
        place.organizationId,
      )

    test('while they wait are not run, those behind them are, and no verdict is lost', async () => {
      const place = await anAgent()
      const first = await aTest(place, 'A')
      await aTest(place, 'B')
      const [one, other] = await started(place)
      expect(await ended(place, one?.id ?? '')).toMatchObject({
        ...ENDED,
        finishedAt: expect.any(Date),
      })
      const { claim } = await pickUp(place)
      expect(claim?.run.id).toBe(other?.id)
      const params = { agentId: place.agentId, testId: first.id }
      const shown = await api.call(contract.getAgentTest, { params }, place.admin)
      expect(shown.json()).toMatchObject({ verdict: 'not_run', lastRun: null })
      expect(await endings(place)).toHaveLength(1)
    })

    test('twice, one after the other or at once, are ended once', async () => {
      const place = await anAgent()
      await aTest(place)
      const [run] = await started(place)
      const id = run?.id ?? ''
      const both = await Promise.all([ended(place, id), ended(place, id)])
      expect(both[0]).toEqual(both[1])
      expect(await ended(place, id)).toEqual(both[0])
      expect(await endings(place)).toHaveLength(1)
    })

    /** Both at once before the lock of the agent's runs, which lets them in as they came. */
    async function atOnce<A, B>(
      { organizationId, agentId }: Place,
      first: () => Promise<A>,
      second: () => Promise<B>,
    ): Promise<[A, B]> {
      const waiting = `select count(*)::int n from pg_locks l join pg_database d on d.oid = l.database
                        where locktype = 'advisory' and not granted and datname = current_database()`
      const wait = (n: number) => expect.poll(() => admin(waiting, [])).toEqual([{ n }])
      const both = await inTransaction(forOrganization(api.ctx, organizationId), async (tx) => {
        await lockTests(tx.db, organizationId, agentId)
        const one = first()
        await wait(1)
        const other = second()
        await wait(2)
        return { one, other }
      })
      return Promise.all([both.one, both.other])
    }

    test('while they are picked up, before it, are picked up by nobody', async () => {
      const place = await anAgent()
      await aTest(place)
      const [run] = await started(place)
      const endIt = () => ended(place, run?.id ?? '')
      const [shown, picked] = await atOnce(place, endIt, () => pickUp(place))
      expect(shown).toMatchObject({ ...ENDED, startedAt: null })
      expect(picked).toEqual({ claim: null, abandonedCallId: null })
    })

    test('while they are picked up, after it, are left by their runner', async () => {
      const place = await anAgent()
      await aTest(place)
      const [run] = await started(place)
      const endIt = () => ended(place, run?.id ?? '')
      const [{ claim }, shown] = await atOnce(place, () => pickUp(place), endIt)
      expect(shown).toMatchObject({ state: 'running' })
      if (!claim) throw new Error('the run was not picked up')
      const ctx = forOrganization(api.ctx, place.organizationId)
      await expect(requireClaim(ctx, claim)).rejects.toMatchObject({ reason: 'ended_by_hand' })
      expect(await finishRun(ctx, claim, { state: 'passed', results: [] })).toBe(true)
      expect(await runsOf(place)).toMatchObject([ENDED])
    })

    test('after their runner died are over, and not begun again', async () => {
      const place = await anAgent()
      await aTest(place)
      const [run] = await started(place)
      await pickUp(place)
      await admin(`update agent_test_runs set claimed_until = now() where id = $1`, [run?.id])
      expect(await ended(place, run?.id ?? '')).toMatchObject(ENDED)
      expect((await pickUp(place)).claim).toBeNull()
    })

    test('once they are over keep their verdict', async () => {
      const place = await anAgent()
      await aTest(place)
      const [run] = await started(place)
      const { claim } = await pickUp(place)
      if (!claim) throw new Error('the run was not picked up')
      const ctx = forOrganization(api.ctx, place.organizationId)
      await finishRun(ctx, claim, { state: 'failed', results: [] })
      expect(await ended(place, run?.id ?? '')).toMatchObject({ state: 'failed', reason: null })
      expect(await endings(place)).toEqual([])
    })

    test('are those of this agent, by somebody who may change it', async () => {
      const [place, another] = [await anAgent(), await anAgent()]
      await aTest(place)
      const [run] = await started(place)
      const id = run?.id ?? ''
      const manager = await api.aHolderOf('org_manager', place.organizationId)
      expect((await end({ ...place, admin: manager }, id)).statusCode).toBe(403)
      expect((await end(another, id)).statusCode).toBe(404)
      expect((await end({ ...place, agentId: another.agentId }, id)).statusCode).toBe(404)
      expect((await end(place, randomUUID())).statusCode).toBe(404)
      expect(await runsOf(place)).toMatchObject([{ state: 'queued' }])
    })
  })

  test('show money to those who may see it', async () => {
    const place = await anAgent()
    await aTest(place)
    const [run] = await started(place)
    const measured = { code: 'cost_more', seen: null, measured: 7, atMs: null }
    const results = [{ step: 0, check: 'chargeAtMost', outcome: 'failed', ...measured }]
    await admin(
      `update agent_test_runs set state = 'failed', finished_at = now(), results = $2 where id = $1`,
      [run?.id, JSON.stringify(results)],
    )
    const params = { agentId: place.agentId, runId: run?.id ?? '' }
    const manager = await api.aHolderOf('org_manager', place.organizationId)
    const shownTo = async (person: Person) =>
      (await api.call(contract.getTestRun, { params }, person)).json().results
    expect(await shownTo(place.admin)).toEqual(results)
    expect(await shownTo(manager)).toEqual([{ ...results[0], measured: null }])
  })
})
