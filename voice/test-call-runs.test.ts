import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { agentTestFile } from '#api/contract/agent-test.ts'
import type { Answer } from '#api/contract/endpoint.ts'
import { runNextJob } from '#api/domains/agent-tests/jobs.ts'
import { endAbandonedCalls } from '#api/domains/calls/end.ts'
import { testEnvironment } from '#api/testing.ts'
import {
  createAgentTest,
  endTestRun,
  getTestRun,
  listAgentTests,
  listTestRuns,
  replaceAgentTest,
  startTestRuns,
} from '#contracts/agent-tests'
import {
  changePublishGate,
  getAgent,
  publishAgent,
  rollbackAgent,
  saveDraft,
} from '#contracts/agents'
import { startTestCall } from '#contracts/calls'
import { aGateway, type GatewayBench, VOICE_ID } from './gateway-testing.ts'

type Run = Answer<typeof getTestRun>
type Steps = z.input<typeof agentTestFile>['steps']

const TEST_MS = 60_000
const WAIT_MS = 20_000 // for another process to start and to call
const GREETING = 'Hello, this is the draft.'
const HOURS = 'We are open from nine to five.'
const STORY =
  'Our long story began in a small house by the river, where the founder and her brother repaired the boats of the whole valley for many years.'
const DRAFT = {
  prompt: `You are the front desk. ${HOURS} ${STORY}`,
  firstMessage: GREETING,
  voiceId: VOICE_ID,
}
const TOOL = {
  name: 'check_slots',
  description: 'Finds free slots.',
  url: 'https://tools.voxcalls.test/slots',
  method: 'POST',
  timeoutSeconds: 20,
  parameters: [],
}

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

async function aDraft(over: object = {}, options: { balanceCents?: number } = {}) {
  const centre = await bench.aCentre(options)
  const admin = await bench.api.aHolderOf('admin', centre.organizationId)
  const draft = { ...DRAFT, ...over }
  await bench.rows('update agents set draft = $2 where id = $1', [centre.agentId, draft])
  return { ...centre, admin, params: { agentId: centre.agentId } }
}
type Place = Awaited<ReturnType<typeof aDraft>>

async function aTest({ params, admin }: Place, steps: Steps): Promise<string> {
  const body = { name: `Test ${crypto.randomUUID()}`, steps }
  const made = await bench.api.call(createAgentTest, { params, body }, admin)
  expect(made.statusCode, made.body).toBe(201)
  return createAgentTest.response.parse(made.json()).id
}

/** Lined up, and not run yet. */
async function queued({ params, admin }: Place, testId: string): Promise<string> {
  const asked = { params, body: { testIds: [testId] } }
  const started = await bench.api.call(startTestRuns, asked, admin)
  expect(started.statusCode, started.body).toBe(202)
  const [item] = startTestRuns.response.parse(started.json()).items
  return item?.id ?? ''
}

const work = ({ organizationId, agentId }: Place, ctx = bench.api.ctx) =>
  runNextJob.run(ctx, { organizationId, agentId })

async function shown({ params, admin }: Place, runId: string): Promise<Run> {
  const answer = await bench.api.call(getTestRun, { params: { ...params, runId } }, admin)
  expect(answer.statusCode, answer.body).toBe(200)
  return getTestRun.response.parse(answer.json())
}

async function runOf(place: Place, testId: string): Promise<Run> {
  const runId = await queued(place, testId)
  await work(place)
  return shown(place, runId)
}
async function end({ params, admin }: Place, runId: string): Promise<void> {
  const answer = await bench.api.call(endTestRun, { params: { ...params, runId } }, admin)
  expect(answer.statusCode, answer.body).toBe(202)
}
const run = async (place: Place, steps: Steps): Promise<Run> =>
  runOf(place, await aTest(place, steps))

const told = ({ results }: Run) =>
  results.map(({ check, outcome, code }) => `${check} ${code ?? outcome}`)
const resultAt = ({ results }: Run, step: number) => results.find((one) => one.step === step)
const callsOf = ({ organizationId }: Place) =>
  bench.rows<{ state: string; reason: string }>(
    'select state, reason from calls where organization_id = $1 order by created_at',
    [organizationId],
  )
/** Waits for a call of the organization, counted from its first. */
async function callIs(state: string, place: Place, index = 0): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS
  for (;;) {
    const now = (await callsOf(place))[index]?.state
    if (now === state) return
    if (performance.now() > giveUpAt) throw new Error(`the call is ${now}, not ${state}`)
    await sleep(50)
  }
}
const STANDING = ['settled passed', 'chargeCorrect passed', 'ledgerBalanced passed']

describe.concurrent('a run', { timeout: TEST_MS }, () => {
  test('hears, speaks, presses keys and measures as the file says, and says so of every step', async () => {
    const place = await aDraft()
    const done = await run(place, [
      { agentSays: 'this is the DRAFT' },
      { says: 'When are you open?' },
      { agentSays: ['open', 'from nine to five'] },
      { gapAtMost: 5_000 },
      { presses: '42#' },
      { waits: 300 },
      { says: 'What did the caller press on the keypad?' },
      { agentSays: 'the caller pressed 42 on the keypad' },
      { hangsUp: true },
      {
        transcript: [
          { agent: 'hello' },
          { caller: 'when are you open' },
          { agent: 'nine to five' },
          { caller: 'keypad' },
        ],
      },
      { chargeAtMost: 60 },
    ])
    expect(told(done)).toEqual([
      ...[
        'agentSays',
        'says',
        'agentSays',
        'gapAtMost',
        'presses',
        'waits',
        'says',
        'agentSays',
        'hangsUp',
        'transcript',
        'chargeAtMost',
      ].map((check) => `${check} passed`),
      ...STANDING,
    ])
    expect(done).toMatchObject({ state: 'passed', reason: null, isPresent: true })
    expect(resultAt(done, 2)).toMatchObject({ seen: HOURS })
    expect(resultAt(done, 3)?.measured).toBeGreaterThan(0)
    const [greeted, asked] = [resultAt(done, 0)?.atMs ?? 0, resultAt(done, 1)?.atMs ?? 0]
    expect(asked).toBeGreaterThan(greeted)
    expect(done.costCents).toBe(resultAt(done, 10)?.measured)
    const asking = 'select data from call_events where call_id = $1 and kind = $2'
    expect(await bench.rows(asking, [done.callId, 'test.asked'])).toEqual([
      { data: { by: 'voice', testRunId: done.id } },
    ])
  })

  test('an interruption stops the agent, and one that has nothing to interrupt is told', async () => {
    const place = await aDraft()
    const done = await run(place, [
      { agentSays: 'hello' },
      { says: 'Tell me the long story of the house by the river.' },
      { interrupts: 'When are you open?', afterMs: 1_500 },
      { agentStops: true },
      { agentSays: 'nine to five' },
      { interrupts: 'Thank you.', afterMs: 300 },
    ])
    expect(told(done).slice(0, 6)).toEqual([
      'agentSays passed',
      'says passed',
      'interrupts passed',
      'agentStops passed',
      'agentSays passed',
      'interrupts agent_silent',
    ])
    expect(done.state).toBe('failed')
    const heard = resultAt(done, 3)?.seen ?? ''
    expect(heard).toMatch(/^Our long story/)
    expect(heard.length).toBeLessThan(STORY.length)
    expect(resultAt(done, 5)?.measured).toBeGreaterThan(0)
  })

  test('an announcement is no word of the agent: what interrupts it waits for the greeting', async () => {
    const firstMessage = `Hello. ${STORY}`
    const place = await aDraft({ firstMessage })
    const announcement = 'This call may be recorded.'
    await bench.notices.warm(VOICE_ID, announcement)
    await bench.rows(
      'update organizations set announcement_enabled = true, announcement_text = $2 where id = $1',
      [place.organizationId, announcement],
    )
    const done = await run(place, [
      { interrupts: 'When are you open?', afterMs: 1_500 },
      { agentStops: true },
      { agentSays: 'nine to five' },
    ])
    expect(told(done)).toEqual([
      'interrupts passed',
      'agentStops passed',
      'agentSays passed',
      ...STANDING,
    ])
    const over = `select data from call_events where call_id = $1 and kind = 'notice-over'`
    const [notice] = await bench.rows<{ data: { atMs: number } }>(over, [done.callId])
    expect(resultAt(done, 0)?.atMs).toBeGreaterThanOrEqual((notice?.data.atMs ?? 0) + 1_500)
  })

  test('tools that are called and an agent that hangs up are seen', async () => {
    const place = await aDraft({
      tools: { endCall: true, keypad: false, transfers: [], webhooks: [TOOL] },
    })
    const done = await run(place, [
      { says: 'Can you check the slots?' },
      { toolCalled: 'check_slots' },
      { agentSays: 'sorry' },
      { says: 'Goodbye.' },
      { callEnds: 'agent' },
    ])
    expect(told(done).slice(0, 5)).toEqual([
      'says passed',
      'toolCalled passed',
      'agentSays passed',
      'says passed',
      'callEnds passed',
    ])
    expect(done.state).toBe('passed')
    expect((await callsOf(place))[0]?.reason).toBe('agent_hung_up')
  })

  test('fails with what it saw instead, does not go on, and says the same of the same draft again', async () => {
    const place = await aDraft()
    const testId = await aTest(place, [
      { says: 'When are you open?' },
      { agentSays: 'ten to six', withinMs: 2_000 },
      { says: 'What does it cost?' },
      { toolCalled: 'check_slots' },
      { chargeAtMost: 0 },
    ])
    const first = await runOf(place, testId)
    expect(first.state).toBe('failed')
    expect(told(first)).toEqual([
      'says passed',
      'agentSays not_said',
      'says skipped',
      'toolCalled skipped',
      'chargeAtMost cost_more',
      ...STANDING,
    ])
    expect(resultAt(first, 1)).toMatchObject({ seen: HOURS, atMs: expect.any(Number) })
    const second = await runOf(place, testId)
    expect(told(second)).toEqual(told(first))
    expect(second.callId).not.toBe(first.callId)
  })

  test('money that is not there or ends on the way is no verdict, and nothing is held afterwards', async () => {
    const poor = await aDraft({}, { balanceCents: 5 })
    const refused = await run(poor, [{ waits: 200 }])
    expect(refused).toMatchObject({ state: 'broken', reason: 'insufficient_funds', callId: null })
    expect(await callsOf(poor)).toEqual([])

    const place = await aDraft({}, { balanceCents: 12 })
    const done = await run(place, [{ agentSays: 'hello' }, { waits: 30_000 }])
    expect(done).toMatchObject({ state: 'broken', reason: 'insufficient_funds' })
    expect(told(done).slice(0, 2)).toEqual(['agentSays passed', 'waits call_over'])
    expect((await bench.money(place)).held).toBe(0)
  })

  test('a gateway that is away is no verdict, and leaves neither hold nor call behind', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ says: 'Hello?' }]))
    const { ctx } = bench.api
    await work(place, { ...ctx, vendors: { ...ctx.vendors, gatewayUrl: 'http://127.0.0.1:9' } })
    expect(await shown(place, runId)).toMatchObject({
      state: 'broken',
      reason: 'gateway_unreachable',
    })
    expect(await bench.money(place)).toEqual({ balance: 100_000, held: 0 })
    expect(await callsOf(place)).toEqual([{ state: 'settled', reason: 'stream_never_started' }])
  })

  test('a line that cannot be spoken, and a draft that is not complete, are told before any call', async () => {
    const place = await aDraft()
    const testId = await aTest(place, [{ says: 'Nobody can say this.' }])
    const runId = await queued(place, testId)
    const { ctx } = bench.api
    const { elevenLabs } = ctx.vendors
    const speak = () => elevenLabs.speak('no-such-voice', 'Hello.')
    await work(place, {
      ...ctx,
      vendors: { ...ctx.vendors, elevenLabs: { ...elevenLabs, speak } },
    })
    expect(await shown(place, runId)).toMatchObject({
      state: 'broken',
      reason: 'speech_failed',
      detail: expect.stringContaining('no-such-voice'),
    })
    const spoiled = { ...DRAFT, prompt: '' }
    await bench.rows('update agents set draft = $2 where id = $1', [place.agentId, spoiled])
    expect(await runOf(place, testId)).toMatchObject({
      state: 'broken',
      reason: 'draft_incomplete',
    })
    expect(await callsOf(place)).toEqual([])
  })

  test('a draft that is saved meanwhile is no verdict', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ agentSays: 'hello' }]))
    const working = work(place)
    await expect
      .poll(async () => (await callsOf(place))[0]?.state, { timeout: 10_000 })
      .toBe('live')
    const save = { expectedRevision: 1, spec: { ...DRAFT, prompt: 'Another one.' } }
    await bench.api.call(saveDraft, { params: place.params, body: save }, place.admin)
    await working
    expect(await shown(place, runId)).toMatchObject({
      state: 'broken',
      reason: 'draft_changed',
      isPresent: false,
    })
  })

  test('a gateway that dies under it is no verdict, and its call is settled by whoever finds it', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ waits: 30_000 }]))
    const working = work(place)
    await callIs('live', place)
    const { callId } = await shown(place, runId)
    bench.gateway.find(callId ?? '')?.abandon('shutdown')
    await bench.rows(
      `update call_leases set expires_at = now() - interval '1 second', media_seconds = 2 where call_id = $1`,
      [callId],
    )
    await endAbandonedCalls(bench.api.ctx, { patienceMs: 0 })
    await working
    const done = await shown(place, runId)
    expect(done).toMatchObject({ state: 'broken', reason: 'call_lost', costCents: 2 })
    expect((await bench.money(place)).held).toBe(0)
  })

  test('asked for twice and worked on by two at once, a test is one run and one call', async () => {
    const place = await aDraft()
    const testId = await aTest(place, [{ agentSays: 'hello' }])
    const runIds = await Promise.all([queued(place, testId), queued(place, testId)])
    expect(new Set(runIds).size).toBe(1)
    await Promise.all([work(place), work(place)])
    expect((await shown(place, runIds[0] ?? '')).state).toBe('passed')
    expect(await callsOf(place)).toHaveLength(1)
  })

  test('a worker that is killed leaves its call to end and its run to be begun anew, once', async () => {
    const place = await aDraft()
    const { organizationId, agentId } = place
    const runId = await queued(place, await aTest(place, [{ agentSays: 'hello' }, { waits: 500 }]))
    const later = (ms: number) => ({
      ...bench.api.ctx,
      now: () => new Date(Date.now() + ms),
    })
    await killedWhileLive(place)
    // Somebody has it still, as far as anybody can know.
    await work(place)
    expect((await shown(place, runId)).state).toBe('running')
    await work(place, later(30_000))
    expect((await shown(place, runId)).state).toBe('passed')
    await callIs('settled', place)
    await callIs('settled', place, 1)
    expect((await bench.money(place)).held).toBe(0)

    const again = await queued(place, await aTest(place, [{ waits: 10_000 }]))
    const tries = 'update agent_test_runs set attempts = 1 where id = $1'
    await bench.rows(tries, [again])
    await killedWhileLive(place)
    await work(place, later(30_000))
    expect(await shown(place, again)).toMatchObject({ state: 'broken', reason: 'interrupted' })
    expect(await bench.rows(WAITING, [organizationId, agentId])).toEqual([])
  })

  test('a call that its worker died before holding is given back before another is asked for', async () => {
    const place = await aDraft()
    const { params, admin } = place
    const asked = await bench.api.call(startTestCall, { params, body: { by: 'voice' } }, admin)
    const { callId } = startTestCall.response.parse(asked.json())
    const runId = await queued(place, await aTest(place, [{ agentSays: 'hello' }]))
    await bench.rows(
      `update agent_test_runs set state = 'running', attempts = 1, call_id = $2, claim = gen_random_uuid(),
         claimed_until = now() - interval '1 second' where id = $1`,
      [runId, callId],
    )
    await work(place)
    expect((await shown(place, runId)).state).toBe('passed')
    expect(await callsOf(place)).toEqual([
      { state: 'settled', reason: 'stream_never_started' },
      { state: 'settled', reason: 'caller_hung_up' },
    ])
    expect((await bench.money(place)).held).toBe(0)
  })
})

describe.concurrent('a run that is ended by hand', { timeout: TEST_MS }, () => {
  const ENDED = { state: 'broken', reason: 'ended_by_hand' }
  const FREE = { balance: 100_000, held: 0 }

  test('while it talks is cut, twice as once, and says what it saw until then', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ waits: 30_000 }]))
    const working = work(place)
    await callIs('live', place)
    await Promise.all([end(place, runId), end(place, runId)])
    await working
    const done = await shown(place, runId)
    expect(done).toMatchObject({ ...ENDED, callId: expect.any(String) })
    expect(told(done)[0]).toBe('waits call_over')
    expect(await callsOf(place)).toEqual([{ state: 'settled', reason: 'operator' }])
    expect((await bench.money(place)).held).toBe(0)
    await end(place, runId)
    expect(await shown(place, runId)).toEqual(done)
  })

  test('while its lines are spoken makes no call', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ says: 'Are you still there?' }]))
    const { ctx } = bench.api
    const { elevenLabs } = ctx.vendors
    const speak: typeof elevenLabs.speak = async (...asked) => {
      await end(place, runId)
      return elevenLabs.speak(...asked)
    }
    await work(place, { ...ctx, vendors: { ...ctx.vendors, elevenLabs: { ...elevenLabs, speak } } })
    expect(await shown(place, runId)).toMatchObject({ ...ENDED, callId: null })
    expect(await callsOf(place)).toEqual([])
    expect(await bench.money(place)).toEqual(FREE)
  })

  test('while its call is asked for, or nobody has answered it, costs nothing', async () => {
    const asking = await aDraft()
    const first = await queued(asking, await aTest(asking, [{ waits: 30_000 }]))
    const { ctx } = bench.api
    const { elevenLabs } = ctx.vendors
    const createAgent: typeof elevenLabs.createAgent = async (...asked) => {
      await end(asking, first)
      return elevenLabs.createAgent(...asked)
    }
    const vendors = { ...ctx.vendors, elevenLabs: { ...elevenLabs, createAgent } }
    await work(asking, { ...ctx, vendors })
    expect(await shown(asking, first)).toMatchObject({ ...ENDED, callId: expect.any(String) })
    expect(await callsOf(asking)).toEqual([{ state: 'settled', reason: 'stream_never_started' }])
    expect(await bench.money(asking)).toEqual(FREE)

    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ waits: 30_000 }]))
    const gateway = createServer((socket) => {
      void end(place, runId).finally(() => socket.destroy())
    }).listen(0, '127.0.0.1')
    try {
      await once(gateway, 'listening')
      const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
      await work(place, { ...ctx, vendors: { ...ctx.vendors, gatewayUrl } })
    } finally {
      gateway.close()
    }
    expect(await shown(place, runId)).toMatchObject(ENDED)
    expect(await callsOf(place)).toEqual([{ state: 'settled', reason: 'operator' }])
    expect(await bench.money(place)).toEqual(FREE)
  })

  test('after its worker was killed is not begun anew', async () => {
    const place = await aDraft()
    const runId = await queued(place, await aTest(place, [{ waits: 30_000 }]))
    await killedWhileLive(place)
    await end(place, runId)
    await work(place, { ...bench.api.ctx, now: () => new Date(Date.now() + 30_000) })
    expect(await shown(place, runId)).toMatchObject(ENDED)
    await callIs('settled', place)
    expect(await callsOf(place)).toHaveLength(1)
    expect((await bench.money(place)).held).toBe(0)
  })
})

const WAITING =
  'select id from agent_test_runs where organization_id = $1 and agent_id = $2 and finished_at is null'

/** A worker of its own, killed as soon as its call is live. */
async function killedWhileLive(place: Place): Promise<void> {
  const { organizationId, agentId } = place
  const before = (await callsOf(place)).length
  const root = path.join(import.meta.dirname, '../api')
  const { config } = bench.api.deps
  const child = spawn(
    process.execPath,
    [
      path.join(root, 'killed-process-testing.ts'),
      JSON.stringify(bench.api.database.urls),
      path.join(root, 'domains/agent-tests/kill-testing.ts'),
      '0',
      JSON.stringify({ organizationId, agentId }),
    ],
    {
      env: {
        ...process.env,
        ...testEnvironment({
          ELEVENLABS_BASE_URL: config.elevenLabs.baseUrl ?? '',
          PUBLIC_VOICE_URL: config.publicVoiceUrl,
        }),
      },
      stdio: 'ignore',
    },
  )
  const closed = once(child, 'close')
  await callIs('live', place, before)
  child.kill('SIGKILL')
  await closed
}

describe.concurrent('a publication', { timeout: TEST_MS }, () => {
  test('waits for every test of the agent to pass on this very draft, where that is asked for', async () => {
    const place = await aDraft()
    const { params, admin } = place
    const testId = await aTest(place, [{ agentSays: 'this is the draft' }])
    const gate = { params, body: { needsTests: true } }
    expect((await bench.api.call(changePublishGate, gate, admin)).json()).toMatchObject({
      publishNeedsTests: true,
      testCount: 1,
      unpassedTestCount: 1,
    })
    const publish = async () => {
      const now = getAgent.response.parse(
        (await bench.api.call(getAgent, { params }, admin)).json(),
      )
      const body = { expectedRevision: now.draftRevision }
      return bench.api.call(publishAgent, { params, body }, admin)
    }
    const refused = await publish()
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'agents.tests_not_passed'])
    expect(refused.json().errors).toMatchObject([{ path: `tests.${testId}` }])

    expect((await runOf(place, testId)).state).toBe('passed')
    const published = await publish()
    expect(published.statusCode, published.body).toBe(202)
    const listed = await bench.api.call(listAgentTests, { params, query: {} }, admin)
    expect(listAgentTests.response.parse(listed.json()).items).toMatchObject([
      { id: testId, verdict: 'passed', lastRun: { isPresent: true } },
    ])

    // Another draft was tried by nobody; what was published before may be published again all the same.
    const spec = { ...DRAFT, firstMessage: 'Good evening.' }
    await bench.api.call(saveDraft, { params, body: { expectedRevision: 1, spec } }, admin)
    expect((await publish()).json().code).toBe('agents.tests_not_passed')
    expect((await runOf(place, testId)).state).toBe('failed')
    expect((await publish()).json().code).toBe('agents.tests_not_passed')
    await bench.api.call(changePublishGate, { params, body: { needsTests: false } }, admin)
    expect((await publish()).statusCode).toBe(202)
    await bench.api.call(changePublishGate, gate, admin)
    const back = { number: 1, expectedVersion: 2 }
    expect((await bench.api.call(rollbackAgent, { params, body: back }, admin)).statusCode).toBe(
      202,
    )

    // And a test that says something else has passed nowhere.
    const steps: Steps = [{ agentSays: 'this is the draft' }, { waits: 100 }]
    const body = { name: 'Another', steps, expectedRevision: 1 }
    await bench.api.call(replaceAgentTest, { params: { ...params, testId }, body }, admin)
    const [now] = listAgentTests.response.parse(
      (await bench.api.call(listAgentTests, { params, query: {} }, admin)).json(),
    ).items
    expect(now).toMatchObject({ verdict: 'not_run', revision: 2, lastRun: null })
    const runs = await bench.api.call(listTestRuns, { params, query: { testId } }, admin)
    expect(listTestRuns.response.parse(runs.json()).items.map(({ state }) => state)).toEqual([
      'failed',
      'passed',
    ])
  })
})
