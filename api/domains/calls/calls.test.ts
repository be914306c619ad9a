import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { endCallByHand, getCall, listCalls } from './contract.ts'
import {
  endCallByHand as endByHand,
  endCall,
  extendSlice,
  giveUpTestCall,
  noteCallEvents,
  noteCarrierStatus,
  type RunningCall,
  renewLeases,
  resumeCall,
} from './service.ts'
import {
  aCallCentre,
  aCaller,
  aCallSid,
  aLiveCall,
  aRingingCall,
  type CallCentre,
  MINIMUM_SECONDS,
  setPrice,
  takeStream,
} from './testing.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api.close())

const extend = (call: RunningCall, slice: number, totalSeconds: number) =>
  extendSlice(api.ctx, call, { slice, totalSeconds, minimumSeconds: MINIMUM_SECONDS })

const changed = (token: string) => `${token.startsWith('x') ? 'y' : 'x'}${token.slice(1)}`

async function moneyOf(centre: CallCentre) {
  const [wallet] = await api.database.query<{ balance_cents: number; held_cents: number }>(
    'admin',
    'select balance_cents, held_cents from wallets where organization_id = $1',
    [centre.organizationId],
  )
  return { balance: Number(wallet?.balance_cents), held: Number(wallet?.held_cents) }
}

async function callRow(centre: CallCentre, callId: string) {
  const [row] = await api.database.query<Record<string, unknown>>(
    'admin',
    'select * from calls where organization_id = $1 and id = $2',
    [centre.organizationId, callId],
  )
  return row
}

test('a call is admitted with a slice held and a token that opens its stream once', async () => {
  const centre = await aCallCentre(api)
  const ringing = await aRingingCall(api, centre)
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 60 })
  const first = await takeStream(api, ringing)
  expect(first).toMatchObject({ callId: ringing.callId, epoch: 1, fundedSeconds: 60 })
  expect(await takeStream(api, ringing)).toBe('used')
})

test('a token opens no stream of another call, another carrier call or with a changed letter', async () => {
  const centre = await aCallCentre(api)
  const a = await aRingingCall(api, centre)
  const b = await aRingingCall(api, centre)
  const wrong = [
    { ...a, streamToken: b.streamToken },
    { ...a, twilioCallSid: b.twilioCallSid },
    { ...a, streamToken: changed(a.streamToken) },
  ]
  for (const one of wrong) expect(await takeStream(api, one)).toBe('refused')
})

test('the carrier asking twice gets one call, one hold and the same token', async () => {
  const centre = await aCallCentre(api)
  const twilioCallSid = aCallSid()
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => aRingingCall(api, centre, { twilioCallSid })),
  )
  const later = await aRingingCall(api, centre, { twilioCallSid })
  expect(new Set([...answers, later].map((one) => one.streamToken)).size).toBe(1)
  expect(await moneyOf(centre)).toMatchObject({ held: 60 })
})

test('a hundred calls at once on money for ten: exactly ten are admitted', async () => {
  const centre = await aCallCentre(api, { balanceCents: 600 })
  const twilioCallSids = Array.from({ length: 100 }, aCallSid)
  const outcomes = await Promise.allSettled(twilioCallSids.map(untilNotBusy))
  const admitted = outcomes.filter((one) => one.status === 'fulfilled')
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
  expect(admitted).toHaveLength(10)
  expect(new Set(refused)).toEqual(new Set(['wallet.insufficient_balance']))
  expect(await moneyOf(centre)).toEqual({ balance: 600, held: 600 })

  /** On a busy machine some wait too long for a connection, and ask again as their carrier does. */
  async function untilNotBusy(twilioCallSid: string): ReturnType<typeof aRingingCall> {
    try {
      return await aRingingCall(api, centre, { twilioCallSid })
    } catch (error) {
      if (error instanceof DomainError && error.code === 'request.unavailable')
        return untilNotBusy(twilioCallSid)
      throw error
    }
  }
})

test('a refused call is on record, settled at zero, and holds nothing', async () => {
  const centre = await aCallCentre(api, { balanceCents: 0 })
  const twilioCallSid = aCallSid()
  await expect(aRingingCall(api, centre, { twilioCallSid })).rejects.toMatchObject({
    code: 'wallet.insufficient_balance',
  })
  const [row] = await api.database.query(
    'admin',
    'select state, reason, cost_cents, billing_status from calls where twilio_call_sid = $1',
    [twilioCallSid],
  )
  expect(row).toMatchObject({
    state: 'settled',
    reason: 'wallet.insufficient_balance',
    billing_status: 'blocked',
  })
  expect(await moneyOf(centre)).toEqual({ balance: 0, held: 0 })
})

test('a refused call is found among the refused, one that never began among the failed, and neither among the done', async () => {
  const centre = await aCallCentre(api)
  const done = await aLiveCall(api, centre)
  await endCall(api.ctx, done, { reason: 'caller_hung_up', mediaSeconds: 3 })
  const waiting = await aRingingCall(api, centre)
  await api.database.query(
    'admin',
    `update calls set state = 'failed', reason = 'no_stream' where id = $1`,
    [waiting.callId],
  )
  await api.database.query(
    'admin',
    'update organizations set max_concurrent_calls = 2 where id = $1',
    [centre.organizationId],
  )
  await aRingingCall(api, centre)
  await expect(aRingingCall(api, centre)).rejects.toMatchObject({
    code: 'calls.organization_at_capacity',
  })
  const admin = await api.aHolderOf('admin', centre.organizationId)
  const found = async (state: 'settled' | 'refused' | 'failed') =>
    listCalls.response
      .parse((await api.call(listCalls, { query: { state } }, admin)).json())
      .items.map(({ id }) => id)
  expect(await found('settled')).toEqual([done.callId])
  expect(await found('failed')).toEqual([waiting.callId])
  expect(await found('refused')).toHaveLength(1)
})

test('a paused organization, a full number and a hasty caller are refused before money is held', async () => {
  const paused = await aCallCentre(api, { status: 'paused' })
  await expect(aRingingCall(api, paused)).rejects.toMatchObject({
    code: 'calls.organization_not_active',
  })

  const oneLine = await aCallCentre(api, { lines: 1 })
  await aRingingCall(api, oneLine)
  await expect(aRingingCall(api, oneLine)).rejects.toMatchObject({
    code: 'calls.number_at_capacity',
  })
  expect(await moneyOf(oneLine)).toMatchObject({ held: 60 })

  const centre = await aCallCentre(api)
  const from = aCaller()
  for (let i = 0; i < 6; i++) await aRingingCall(api, centre, { from })
  await expect(aRingingCall(api, centre, { from })).rejects.toMatchObject({
    code: 'calls.caller_rate_exceeded',
  })
})

test.each(['+266696687', 'anonymous', 'Restricted', ''])(
  'callers who withhold their number, told as %j, are not one hasty caller',
  async (from) => {
    const centre = await aCallCentre(api, { lines: 7 })
    for (let i = 0; i < 7; i++) await aRingingCall(api, centre, { from })
    await expect(aRingingCall(api, centre, { from })).rejects.toMatchObject({
      code: 'calls.number_at_capacity',
    })
  },
)

test('two calls at once on one line: one is admitted', async () => {
  const centre = await aCallCentre(api, { lines: 1 })
  const outcomes = await Promise.allSettled([
    aRingingCall(api, centre),
    aRingingCall(api, centre),
    aRingingCall(api, centre),
  ])
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
})

test('a number of another account is not in service', async () => {
  const centre = await aCallCentre(api)
  const elsewhere = { ...centre, twilioAccountSid: `AC${'1'.repeat(32)}` }
  await expect(aRingingCall(api, elsewhere)).rejects.toMatchObject({
    code: 'calls.number_not_in_service',
  })
})

test('a call that ends is charged by its seconds once, however often its end is told', async () => {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const call = await aLiveCall(api, centre)
  const ended = { reason: 'caller_hung_up', mediaSeconds: 12.2 }
  const outcomes = await Promise.all([endCall(api.ctx, call, ended), endCall(api.ctx, call, ended)])
  expect(outcomes.toSorted()).toEqual(['not ours', 'settled'])
  expect(await moneyOf(centre)).toEqual({ balance: 987, held: 0 })
  expect(await callRow(centre, call.callId)).toMatchObject({
    state: 'settled',
    reason: 'caller_hung_up',
    billable_seconds: 13,
    billing_status: 'charged',
  })
})

test('slices grow the hold, a partial one takes what is left, and then there is no more', async () => {
  const centre = await aCallCentre(api, { balanceCents: 135 })
  const call = await aLiveCall(api, centre)
  expect(await extend(call, 2, 120)).toEqual({
    outcome: 'extended',
    fundedSeconds: 120,
    affordableSeconds: 135,
  })
  expect(await extend(call, 2, 120)).toEqual({
    outcome: 'extended',
    fundedSeconds: 120,
    affordableSeconds: 135,
  })
  expect(await extend(call, 3, 180)).toEqual({
    outcome: 'extended',
    fundedSeconds: 135,
    affordableSeconds: 135,
  })
  expect(await extend(call, 4, 195)).toEqual({
    outcome: 'exhausted',
  })
  expect(await moneyOf(centre)).toEqual({ balance: 135, held: 135 })
  await endCall(api.ctx, call, { reason: 'funds_exhausted', mediaSeconds: 400 })
  expect(await moneyOf(centre)).toEqual({ balance: 0, held: 0 })
})

test('a pause of the organization ends the call at its next slice', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await api.database.query('admin', `update organizations set status = 'paused' where id = $1`, [
    centre.organizationId,
  ])
  expect(await extend(call, 2, 120)).toEqual({
    outcome: 'organization_paused',
  })
})

test('a gateway that lost its lease writes nothing any more', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  const { resumed } = await resumeCall(api.ctx, call)
  if (!resumed) throw new Error('the call was not resumed')
  const taken = await takeStream(api, { ...call, ...resumed }, 'gateway-b')
  expect(taken).toMatchObject({ epoch: 2, resumes: 1 })

  expect(
    await renewLeases(api.ctx, centre.organizationId, [{ ...call, mediaSeconds: 50 }]),
  ).toEqual([])
  expect(await extend(call, 2, 120)).toEqual({
    outcome: 'lease_lost',
  })
  expect(await endCall(api.ctx, call, { reason: 'stream_lost', mediaSeconds: 5 })).toBe('not ours')
  const note = { id: crypto.randomUUID(), kind: 'late', at: new Date(), data: {} }
  await noteCallEvents(api.ctx, centre.organizationId, [{ ...call, notes: [note] }])
  const late = await api.database.query('admin', `select 1 from call_events where kind = 'late'`)
  expect(late).toEqual([])
})

test('a call is resumed three times and not a fourth', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  for (let i = 0; i < 3; i++) {
    const { resumed } = await resumeCall(api.ctx, call)
    expect(resumed).not.toBeNull()
    if (resumed) await takeStream(api, { ...call, ...resumed }, `gateway-${i}`)
  }
  expect(await resumeCall(api.ctx, call)).toEqual({
    resumed: null,
    why: 'resumed_too_often',
  })
})

test('a call that is over is not resumed', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await endCall(api.ctx, call, { reason: 'agent_hung_up', mediaSeconds: 3 })
  expect(await resumeCall(api.ctx, call)).toEqual({
    resumed: null,
    why: 'agent_hung_up',
  })
})

test('a carrier status told twice stands once on the timeline, in whatever order', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  const told = {
    twilioCallSid: call.twilioCallSid,
    twilioAccountSid: centre.twilioAccountSid,
    status: 'completed',
    durationSeconds: 9,
    sequence: 3,
  }
  expect(await noteCarrierStatus(api.ctx, told)).toBe('noted')
  expect(await noteCarrierStatus(api.ctx, { ...told, status: 'in-progress', sequence: 1 })).toBe(
    'noted',
  )
  expect(await noteCarrierStatus(api.ctx, told)).toBe('known')
  expect(await callRow(centre, call.callId)).toMatchObject({ state: 'live', vendor_seconds: 9 })
  expect(await noteCarrierStatus(api.ctx, { ...told, twilioCallSid: aCallSid() })).toBe(
    'unknown call',
  )
})

test('a manager of the team sees the calls, a sales person none that are not the own', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  const manager = await api.aHolderOf('org_manager', centre.organizationId)
  const seller = await api.aHolderOf('sales_person', centre.organizationId)
  const seen = await api.call(listCalls, { query: {} }, manager)
  expect(seen.json().items.map((one: { id: string }) => one.id)).toEqual([call.callId])
  const own = await api.call(listCalls, { query: {} }, seller)
  expect(own.json().items).toEqual([])
  const detail = await api.call(getCall, { params: { callId: call.callId } }, seller)
  expect(detail.statusCode).toBe(404)
})

test('only an admin sees what a call costs', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await endCall(api.ctx, call, { reason: 'caller_hung_up', mediaSeconds: 10 })
  const ask = async (role: 'admin' | 'org_manager') =>
    (
      await api.call(
        getCall,
        { params: { callId: call.callId } },
        await api.aHolderOf(role, centre.organizationId),
      )
    ).json()
  expect(await ask('admin')).toMatchObject({ costCents: 10, pricePerHourCents: 3_600 })
  expect(await ask('org_manager')).toMatchObject({ costCents: null, pricePerHourCents: null })
})

test('pages of calls hold each call once, newest first', async () => {
  const centre = await aCallCentre(api)
  const made: string[] = []
  for (let i = 0; i < 5; i++) made.unshift((await aRingingCall(api, centre)).callId)
  const admin = await api.aHolderOf('admin', centre.organizationId)
  const seen: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < 3; page++) {
    const answer = await api.call(
      listCalls,
      { query: { limit: 2, ...(cursor && { cursor }) } },
      admin,
    )
    const body = answer.json()
    seen.push(...body.items.map((one: { id: string }) => one.id))
    cursor = body.nextCursor ?? undefined
  }
  expect(seen).toEqual(made)
  expect(cursor).toBeUndefined()
})

test('a context bound to one organization reads nothing of another', async () => {
  const [mine, theirs] = [await aCallCentre(api), await aCallCentre(api)]
  const call = await aLiveCall(api, theirs)
  const admin = await api.aHolderOf('admin', mine.organizationId)
  const answer = await api.call(getCall, { params: { callId: call.callId } }, admin)
  expect(answer.statusCode).toBe(404)
  const own = forOrganization(api.ctx, mine.organizationId)
  expect(
    await endCall(
      own,
      { ...call, organizationId: mine.organizationId },
      { reason: 'operator', mediaSeconds: 1 },
    ),
  ).toBe('not ours')
})

test('a caller who never got an agent pays nothing', async () => {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const call = await aLiveCall(api, centre)
  await endCall(api.ctx, call, { reason: 'agent_start_failed', mediaSeconds: 9 })
  expect(await moneyOf(centre)).toEqual({ balance: 1_000, held: 0 })
  const row = await callRow(centre, call.callId)
  expect(row).toMatchObject({ state: 'settled', reason: 'agent_start_failed', billable_seconds: 0 })
  expect(Number(row?.cost_cents)).toBe(0)
})

test.each([
  ['by hand', endByHand],
  ['by whoever began it', giveUpTestCall],
])(
  'a call ended %s while its stream is being claimed is ended by who claims it',
  async (_, end) => {
    const centre = await aCallCentre(api)
    const ringing = await aRingingCall(api, centre)
    const own = forOrganization(api.ctx, centre.organizationId)
    const [claimed, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { withOrganization } = own.database
    const heldBeforeCommit: typeof withOrganization = (organizationId, use) =>
      withOrganization(organizationId, async (db) => {
        const result = await use(db)
        claimed.resolve()
        await goOn.promise
        return result
      })
    const database = { ...api.ctx.database, withOrganization: heldBeforeCommit }
    const claim = takeStream({ ...api, ctx: { ...api.ctx, database } }, ringing)
    await claimed.promise
    const ending = end(own, ringing.callId)
    await expect.poll(() => api.database.query('admin', WAITING_FOR_A_ROW)).toEqual([{ n: 1 }])
    goOn.resolve()
    await claim
    // No carrier listens here.
    await Promise.allSettled([ending])
    const lease = 'select end_asked_at from call_leases where call_id = $1'
    expect(await api.database.query('admin', lease, [ringing.callId])).toEqual([
      { end_asked_at: expect.any(Date) },
    ])
  },
)
const WAITING_FOR_A_ROW = `select count(*)::int n from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%for update%'`

test('a call ended by hand says so, and who did it is audited once', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  const manager = await api.aHolderOf('org_manager', centre.organizationId)
  // No carrier listens here: what was asked is on record before the carrier is.
  for (let i = 0; i < 2; i++)
    await api.call(endCallByHand, { params: { callId: call.callId } }, manager)
  await endCall(api.ctx, call, { reason: 'caller_hung_up', mediaSeconds: 3 })
  expect(await callRow(centre, call.callId)).toMatchObject({ reason: 'operator' })
  const audited = await api.database.query(
    'admin',
    `select actor_id from audit_entries where organization_id = $1 and action = 'calls.end'`,
    [centre.organizationId],
  )
  expect(audited).toEqual([{ actor_id: manager.userId }])
})
