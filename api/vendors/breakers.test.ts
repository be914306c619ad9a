import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { VendorError } from '#api/core/errors.ts'
import { createLogger } from '#api/core/log.ts'
import { addBreakerMetrics, createMetrics } from '#api/core/metrics.ts'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../sandbox/speech/book.ts'
import { formantEngine } from '../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../sandbox/twilio/start.ts'
import { VendorBreakers } from './breakers.ts'
import { BreakerOpen, refused, unanswered, VendorCode } from './failure.ts'
import { twilioClient } from './twilio.ts'

const HALF_OPEN_AFTER_MS = 15_000
const WINDOW_MS = 30_000
const FEWEST_REQUESTS = 10

/** Breakers by a clock that a test winds, and what they logged. */
function aSet() {
  const clock = { nowMs: 1_000 }
  const lines: string[] = []
  const log = createLogger({ name: 't', destination: { write: (line) => void lines.push(line) } })
  const breakers = new VendorBreakers({ log, nowMs: () => clock.nowMs })
  const logged = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
  const stateOf = (account: string | null = null) =>
    breakers.readings().find((reading) => reading.account === account)?.state
  return { clock, breakers, logged, stateOf }
}

const down = () => new VendorError('twilio', 'read', { retryable: true })

/** A request that ends as told, and how often it was sent. */
function aRequest() {
  const sent: string[] = []
  return {
    sent,
    ending: (how: 'well' | Error) => async () => {
      sent.push(how === 'well' ? how : how.name)
      if (how !== 'well') throw how
      return 'answer'
    },
  }
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

async function failOften(
  { breakers }: ReturnType<typeof aSet>,
  error: Error,
  times = FEWEST_REQUESTS,
): Promise<void> {
  for (let i = 0; i < times; i += 1)
    await failure(breakers.of('twilio').run('read', aRequest().ending(error)))
}

test('it opens after enough failures, and then sends nothing', async () => {
  const set = aSet()
  await failOften(set, down(), FEWEST_REQUESTS - 1)
  expect(set.stateOf()).toBe('closed')
  await failOften(set, down(), 1)
  expect(set.stateOf()).toBe('open')
  expect(set.breakers.isAway('twilio')).toBe(true)

  const request = aRequest()
  const refusal = await failure(set.breakers.of('twilio').run('read', request.ending('well')))
  expect(request.sent).toEqual([])
  expect(refusal).toMatchObject({ vendor: 'twilio', operation: 'read', retryable: true })
  expect(refusal).toHaveProperty('status', undefined)
  expect(refusal).toHaveProperty('cause', expect.any(BreakerOpen))
})

test('after a quarter of a minute one request tries it, and its answer decides', async () => {
  const set = aSet()
  await failOften(set, down())
  set.clock.nowMs += HALF_OPEN_AFTER_MS - 1
  expect(set.stateOf()).toBe('open')
  set.clock.nowMs += 1
  expect(set.stateOf()).toBe('half_open')
  expect(set.breakers.isAway('twilio')).toBe(false)

  // The try fails: again nothing is sent for as long.
  const breaker = set.breakers.of('twilio')
  await failure(breaker.run('read', aRequest().ending(down())))
  expect(set.stateOf()).toBe('open')
  const early = aRequest()
  await failure(breaker.run('read', early.ending('well')))
  expect(early.sent).toEqual([])

  // Of several at once only one is sent; the others do not wait for it.
  set.clock.nowMs += HALF_OPEN_AFTER_MS
  const request = aRequest()
  const gate = Promise.withResolvers<void>()
  const probe = breaker.run('read', async () => {
    await gate.promise
    return request.ending('well')()
  })
  expect(await failure(breaker.run('read', request.ending('well')))).toBeInstanceOf(VendorError)
  expect(request.sent).toEqual([])
  gate.resolve()
  expect(await probe).toBe('answer')
  expect(set.stateOf()).toBe('closed')
  expect(await breaker.run('read', request.ending('well'))).toBe('answer')

  // What failed before counts no more.
  await failOften(set, down(), 1)
  expect(set.stateOf()).toBe('closed')
})

test('that it opened and closed is told once, however often it was tried between', async () => {
  const set = aSet()
  await failOften(set, down())
  for (let i = 0; i < 3; i += 1) {
    set.clock.nowMs += HALF_OPEN_AFTER_MS
    await failOften(set, down(), 5)
  }
  set.clock.nowMs += HALF_OPEN_AFTER_MS
  await set.breakers.of('twilio').run('read', aRequest().ending('well'))
  expect(set.logged()).toEqual([
    'a vendor does not answer: its breaker opened',
    'a vendor answers again: its breaker closed',
  ])
  expect(set.breakers.readings()).toMatchObject([{ openings: 1, state: 'closed' }])
})

test('failures of an hour ago open nothing, though nobody asked since', async () => {
  const set = aSet()
  await failOften(set, down(), FEWEST_REQUESTS - 1)
  set.clock.nowMs += WINDOW_MS
  await failOften(set, down(), FEWEST_REQUESTS - 1)
  expect(set.stateOf()).toBe('closed')
  await failOften(set, down(), 1)
  expect(set.stateOf()).toBe('open')
})

test('a vendor that mostly answers stays in use', async () => {
  const set = aSet()
  const breaker = set.breakers.of('twilio')
  for (let i = 0; i < 60; i += 1)
    await failure(breaker.run('read', aRequest().ending(i % 5 < 2 ? down() : 'well')))
  expect(set.stateOf()).toBe('closed')
})

describe('what counts', () => {
  const answered = (status: number, code?: string) => refused('twilio', 'read', status, code)
  const mail = (status: number) =>
    new VendorError('mail', 'send', {
      status,
      retryable: status < 500,
      cause: new VendorCode('x'),
    })

  test.each([
    ['no answer', down()],
    ['500', answered(500)],
    ['503', answered(503)],
    ['408', answered(408)],
    ['ElevenLabs’ own overload', answered(429, 'system_busy')],
    ['OpenAI’s quota', answered(429, 'insufficient_quota')],
    ['a mail server that closes', mail(421)],
  ])('%s says that the vendor is unwell', async (_, error) => {
    const set = aSet()
    await failOften(set, error)
    expect(set.stateOf()).toBe('open')
  })

  test.each([
    ['400', answered(400)],
    ['401', answered(401)],
    ['404', answered(404)],
    ['422', answered(422)],
    ['a rate limit', answered(429, 'rate_limit_exceeded')],
    ['a refused mailbox', mail(550)],
    ['a busy mailbox', mail(451)],
    ['an answer we do not understand', unanswered('twilio', 'read', new Error('odd'))],
    ['a caller that gave up', new DOMException('gone', 'AbortError')],
    ['our own mistake', new TypeError('of undefined')],
  ])('%s does not', async (_, error) => {
    const set = aSet()
    await failOften(set, error, 50)
    expect(set.stateOf()).toBe('closed')
    const request = aRequest()
    await failure(set.breakers.of('twilio').run('read', request.ending(error)))
    expect(request.sent).toHaveLength(1)
  })
})

test('ending a call and moving its limit are sent whatever the breaker says', async () => {
  const set = aSet()
  await failOften(set, down())
  const breaker = set.breakers.of('twilio')
  for (const operation of ['end-call', 'set-time-limit']) {
    const request = aRequest()
    expect(await breaker.run(operation, request.ending('well'))).toBe('answer')
    expect(request.sent).toEqual(['well'])
  }
  expect(set.stateOf()).toBe('open')
})

test('Prometheus sees each state, and of tenants only how many', async () => {
  const set = aSet()
  const metrics = createMetrics('test')
  addBreakerMetrics(metrics, set.breakers)
  set.breakers.of('openai')
  await failOften(set, down())
  const theirs = set.breakers.ofAccount('twilio', 'AC1')
  for (let i = 0; i < FEWEST_REQUESTS; i += 1)
    await failure(theirs.run('read', aRequest().ending(down())))
  const read = async () => (await metrics.registry.metrics()).split('\n')
  const line = (name: string, vendor: string, value: number) =>
    `${name}{vendor="${vendor}",process="test"} ${value}`
  expect(await read()).toEqual(
    expect.arrayContaining([
      line('voxcalls_breaker_state', 'twilio', 2),
      line('voxcalls_breaker_state', 'openai', 0),
      line('voxcalls_breaker_tenant_accounts_away', 'twilio', 1),
      line('voxcalls_breaker_opened_total', 'twilio', 2),
    ]),
  )
  set.clock.nowMs += HALF_OPEN_AFTER_MS
  expect(await read()).toContain(line('voxcalls_breaker_state', 'twilio', 1))
  expect((await read()).join()).not.toContain('AC1')
  metrics.stop()
})

describe('over the wire', () => {
  const mine = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-auth-token' }
  const theirs = { accountSid: `AC${'1'.repeat(32)}`, authToken: 'token-of-a-tenant' }
  const journal = new Journal()
  const faults = new Faults()
  let standIn: TwilioStandIn
  beforeAll(async () => {
    standIn = await startTwilio({
      port: 0,
      ...mine,
      otherAccounts: [{ ...theirs, numbers: [] }],
      book: new PhraseBook(formantEngine()),
      journal,
      faults,
    })
  })
  afterEach(() => {
    faults.clear()
    journal.clear()
  })
  afterAll(() => standIn.close())

  const requests = () => journal.entries({ vendor: 'twilio', kind: 'request' }).length
  const clients = (set: ReturnType<typeof aSet>, token = theirs.authToken) => ({
    platform: twilioClient({
      ...mine,
      baseUrl: standIn.url,
      breaker: set.breakers.of('twilio'),
    }),
    tenant: twilioClient({
      ...theirs,
      authToken: token,
      baseUrl: standIn.url,
      breaker: set.breakers.ofAccount('twilio', theirs.accountSid),
    }),
  })
  const order = {
    from: '+14155550100',
    to: '+12125550101',
    answerUrl: 'http://127.0.0.1:9/answer',
    fallbackUrl: 'http://127.0.0.1:9/fallback',
    statusUrl: 'http://127.0.0.1:9/status',
    answeredByUrl: 'http://127.0.0.1:9/answered-by',
    ringSeconds: 30,
    timeLimitSeconds: 60,
  }

  test('an outage stops the requests, tries and all; one request ends it', async () => {
    const set = aSet()
    const { platform } = clients(set)
    faults.add({
      vendor: 'twilio',
      on: 'request',
      times: 99,
      action: { type: 'status', status: 503 },
    })
    // Three tries each: the tenth request opens it, and the fourth call's tries end there.
    for (let i = 0; i < 4; i += 1) await failure(platform.fetchAccount())
    expect(requests()).toBe(FEWEST_REQUESTS)
    expect(await failure(platform.fetchAccount())).toMatchObject({ retryable: true })
    // Nothing left, so nothing can have been placed: the money set aside goes back at once.
    expect(await platform.createCall(order)).toMatchObject({ outcome: 'refused', code: null })
    expect(requests()).toBe(FEWEST_REQUESTS)
    await failure(platform.endCall(`CA${'c'.repeat(32)}`))
    expect(requests()).toBeGreaterThan(FEWEST_REQUESTS)

    faults.clear()
    journal.clear()
    set.clock.nowMs += HALF_OPEN_AFTER_MS
    expect(await platform.fetchAccount()).toMatchObject({ isActive: true })
    expect(requests()).toBe(1)
    expect(set.stateOf()).toBe('closed')
  })

  test('a tenant’s trouble stays theirs', async () => {
    const set = aSet()
    const { platform, tenant } = clients(set)
    faults.add({
      vendor: 'twilio',
      on: 'request',
      path: theirs.accountSid,
      times: 99,
      action: { type: 'status', status: 500 },
    })
    for (let i = 0; i < 4; i += 1) await failure(tenant.fetchAccount())
    expect(set.stateOf(theirs.accountSid)).toBe('open')
    expect(set.breakers.isAway('twilio')).toBe(false)
    expect(await platform.fetchAccount()).toMatchObject({ isActive: true })
  })

  test('a wrong token and what is not there open nothing', async () => {
    const set = aSet()
    const { platform, tenant } = clients(set, 'wrong-wrong-wrong')
    for (let i = 0; i < 15; i += 1) {
      expect(await failure(tenant.fetchAccount())).toMatchObject({ status: 401 })
      expect(await platform.fetchCall(`CA${'d'.repeat(32)}`)).toBeNull()
    }
    expect(set.breakers.readings().map(({ state }) => state)).toEqual(['closed', 'closed'])
    expect(requests()).toBe(30)
  })
})
