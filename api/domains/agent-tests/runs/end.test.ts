import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Context, forOrganization } from '#api/core/context.ts'
import { endCall, endCallByHand } from '#api/domains/calls/service.ts'
import { aCallCentre, aLiveCall, setPrice } from '#api/domains/calls/testing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { type Claim, claimNext, finishRun, requireClaim, whileClaimed } from './claim.ts'
import { endTestRun } from './end.ts'

const ENDED = { state: 'broken', reason: 'ended_by_hand', claim: null, claimed_until: null }
const UNTIL_CLAIM_RAN_OUT_MS = 30_000

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api.close())

const admin = <Row extends object>(text: string, values: unknown[]) =>
  api.database.query<Row>('admin', text, values)

/** A run that a worker has just taken. */
async function aRun() {
  const centre = await aCallCentre(api)
  const { organizationId, agentId } = centre
  const ctx = forOrganization(api.ctx, organizationId)
  const runId = randomUUIDv7()
  await admin(
    `insert into agent_test_runs (organization_id, id, agent_id, test_name, test_revision, steps)
     values ($1, $2, $3, 'Hours', 1, '[]')`,
    [organizationId, runId, agentId],
  )
  const pickUp = async (later = 0) => {
    const now = () => new Date(Date.now() + later)
    return await claimNext({ ...ctx, now }, agentId)
  }
  const { claim } = await pickUp()
  if (!claim) throw new Error('the run was not picked up')
  return {
    centre,
    ctx,
    claim,
    pickUp,
    /** The worker is dead for all anybody knows. */
    takeOver: () => pickUp(UNTIL_CLAIM_RAN_OUT_MS),
    end: (by: Context = ctx) => endTestRun(by, agentId, runId),
    async row() {
      const query = 'select * from agent_test_runs where id = $1'
      return (await admin<Record<string, unknown>>(query, [runId]))[0]
    },
  }
}

/** The same, on the line. */
async function aTalk() {
  const run = await aRun()
  const call = await aLiveCall(api, run.centre)
  const { callId } = call
  await admin('update agent_test_runs set call_id = $2 where id = $1', [run.claim.run.id, callId])
  // As that of a browser, it has no carrier.
  await admin('update calls set twilio_call_sid = null where id = $1', [callId])
  const claim: Claim = { ...run.claim, run: { ...run.claim.run, callId } }
  return {
    ...run,
    claim,
    callId,
    hangUp: () => endCall(api.ctx, call, { reason: 'caller_hung_up', mediaSeconds: 2 }),
    async isCut() {
      const query = 'select end_asked_at from call_leases where call_id = $1'
      const [lease] = await admin<{ end_asked_at: Date | null }>(query, [callId])
      return lease?.end_asked_at !== null
    },
  }
}

/** Does something of its own before it writes a second time. */
function haltedBeforeSecondWrite(ctx: Context, halt: () => Promise<void>): Context {
  let begun = 0
  const withOrganization: Context['database']['withOrganization'] = async (...given) => {
    if (++begun === 2) await halt()
    return ctx.database.withOrganization(...given)
  }
  return { ...ctx, database: { ...ctx.database, withOrganization } }
}
const killed = (ctx: Context) =>
  haltedBeforeSecondWrite(ctx, () => Promise.reject(new Error('killed')))

describe('a run that somebody ends while it talks', () => {
  type Step = 'note' | 'cut' | 'hang up' | 'take over'
  const ordersOf = (steps: Step[]): Step[][] =>
    steps.length === 0
      ? [[]]
      : steps.flatMap((step, at) => ordersOf(steps.toSpliced(at, 1)).map((rest) => [step, ...rest]))
  const orders = ordersOf(['note', 'cut', 'hang up', 'take over']).filter(
    (order) => order.indexOf('note') < order.indexOf('cut'),
  )

  test.each(orders)('is not begun once that is noted: %s, %s, %s, %s', async (...order) => {
    const talk = await aTalk()
    const noted = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const by = haltedBeforeSecondWrite(talk.ctx, () => {
      noted.resolve()
      return goOn.promise
    })
    let ending: Promise<unknown> = Promise.resolve()
    let second: Claim | null = null
    const steps: Record<Step, () => Promise<unknown>> = {
      async note() {
        ending = talk.end(by)
        await Promise.race([noted.promise, ending])
      },
      async cut() {
        goOn.resolve()
        await ending
      },
      'hang up': talk.hangUp,
      async 'take over'() {
        second = (await talk.takeOver()).claim
      },
    }
    for (const step of order) await steps[step]()

    const wasNoted = order.indexOf('note') < order.indexOf('take over')
    expect(second === null).toBe(wasNoted)
    expect(await finishRun(talk.ctx, talk.claim, { state: 'passed', results: [] })).toBe(false)
    if (second) {
      await expect(requireClaim(talk.ctx, second)).rejects.toMatchObject({
        reason: 'ended_by_hand',
      })
      expect(await finishRun(talk.ctx, second, { state: 'passed', results: [] })).toBe(true)
    }
    expect(await talk.row()).toMatchObject({ ...ENDED, attempts: wasNoted ? 1 : 2 })
    expect(await talk.pickUp(2 * UNTIL_CLAIM_RAN_OUT_MS)).toMatchObject({ claim: null })
  })

  test('is ended though whoever ended it, and its runner, died before the cut', async () => {
    const talk = await aTalk()
    await expect(talk.end(killed(talk.ctx))).rejects.toThrow('killed')
    expect(await talk.isCut()).toBe(false)
    expect(await talk.takeOver()).toEqual({ claim: null, abandonedCallId: talk.callId })
    expect(await talk.row()).toMatchObject({ ...ENDED, call_id: talk.callId })
  })

  test('is cut by its runner where whoever ended it died before the cut', async () => {
    const talk = await aTalk()
    await expect(talk.end(killed(talk.ctx))).rejects.toThrow('killed')
    const cut = () => expect.poll(talk.isCut, { timeout: 10_000 }).toBe(true)
    await whileClaimed(talk.ctx, talk.claim, cut, 10)
  })

  test('is cut by whoever ends it again where the first one died before the cut', async () => {
    const talk = await aTalk()
    await expect(talk.end(killed(talk.ctx))).rejects.toThrow('killed')
    const { end_asked_at } = (await talk.row()) ?? {}
    await talk.end()
    expect(await talk.isCut()).toBe(true)
    expect(await talk.row()).toMatchObject({ end_asked_at })
    const query = `select count(*)::int n from audit_entries where action = 'agent-tests.end-run' and subject = $1`
    expect(await admin(query, [talk.claim.run.id])).toEqual([{ n: 1 }])
  })

  test('has what was seen until then, and no verdict though its runner came to one', async () => {
    const talk = await aTalk()
    await talk.end()
    expect(await talk.row()).toMatchObject({ state: 'running', end_asked_at: expect.any(Date) })
    const verdict = admin(
      `update agent_test_runs set state = 'passed', claim = null, claimed_until = null, finished_at = now()
        where id = $1`,
      [talk.claim.run.id],
    )
    await expect(verdict).rejects.toThrow('agent_test_runs_ended_has_no_verdict')
    const results = [{ step: 0, outcome: 'passed' }]
    expect(await finishRun(talk.ctx, talk.claim, { state: 'passed', results })).toBe(true)
    expect(await talk.row()).toMatchObject({ ...ENDED, call_id: talk.callId, results })
  })
})

test('a run whose call somebody ended, as a call, is not begun anew when its runner died', async () => {
  const talk = await aTalk()
  await endCallByHand(talk.ctx, talk.callId)
  await talk.hangUp()
  expect(await talk.takeOver()).toEqual({ claim: null, abandonedCallId: talk.callId })
  expect(await talk.row()).toMatchObject(ENDED)
})

describe('a run that somebody ends before it has a call', () => {
  const NO_CALL = { ...ENDED, call_id: null }

  test('is left by its runner, who asks for none', async () => {
    const { ctx, claim, end, row, pickUp } = await aRun()
    expect(await end()).toMatchObject({ state: 'running' })
    // The next one waits until this one's runner is done with the agent.
    expect(await pickUp()).toEqual({ claim: null, abandonedCallId: null })
    await expect(requireClaim(ctx, claim)).rejects.toMatchObject({ reason: 'ended_by_hand' })
    expect(await finishRun(ctx, claim, { state: 'failed', results: [] })).toBe(true)
    expect(await row()).toMatchObject(NO_CALL)
  })

  test('is not begun anew when its runner died, whether it had asked for one or not', async () => {
    const run = await aRun()
    await run.end()
    expect(await run.takeOver()).toEqual({ claim: null, abandonedCallId: run.claim.run.callId })
    expect(await run.row()).toMatchObject({ ...NO_CALL, attempts: 1 })
  })
})
