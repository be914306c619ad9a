import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Context } from '#api/core/context.ts'
import type { Person } from '#api/testing.ts'
import * as contract from './contract.ts'
import { converge } from './converge.ts'
import { convergeUnfinishedJob } from './jobs.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'
import { type NumberLab, numberLab } from './testing.ts'

let lab: NumberLab
beforeAll(async () => {
  lab = await numberLab()
})
afterEach(() => lab.faults.clear())
afterAll(() => lab.close())

const purchasing = {
  vendor: 'twilio',
  on: 'request',
  method: 'POST',
  path: '/IncomingPhoneNumbers.json',
} as const
const importing = {
  vendor: 'elevenlabs',
  on: 'request',
  method: 'POST',
  path: '/v1/convai/phone-numbers',
} as const
const VOICE_URL = 'http://127.0.0.1:3002/twilio/voice'
const read = (response: { json(): unknown }): PhoneNumber =>
  contract.phoneNumber.parse(response.json())

async function imported(over: { route?: PhoneNumber['route'] } = {}) {
  const { admin, ctx, agentId } = await lab.anOrganization()
  const account = await lab.anOwnAccount(ctx)
  const [e164 = ''] = account.numbers
  const body = { e164, agentId, carrierAccountId: account.id, ...over }
  const response = await lab.api.call(contract.importPhoneNumber, { body }, admin)
  expect(response.statusCode).toBe(202)
  const number = read(response)
  return { admin, ctx, agentId, account, e164, id: number.id, number }
}
async function bought(over: { route?: PhoneNumber['route'] } = {}) {
  const { admin, ctx, agentId } = await lab.anOrganization()
  const e164 = await lab.aFreeNumber()
  const body = { e164, confirmE164: e164, agentId, ...over }
  const response = await lab.api.call(contract.buyPhoneNumber, { body }, admin)
  expect(response.statusCode).toBe(202)
  return { admin, ctx, agentId, e164, id: read(response).id }
}
const held = (ctx: Context, e164: string) => ctx.vendors.twilio.findNumber(e164)
const heldByOwn = (account: { accountSid: string }, e164: string) =>
  lab.ownersTwilio(account.accountSid).findNumber(e164)
const release = (admin: Person, id: string, e164: string, staysAtCarrier: boolean) =>
  lab.api.call(
    contract.releasePhoneNumber,
    { params: { phoneNumberId: id }, body: { staysAtCarrier, confirmE164: e164 } },
    admin,
  )
/** The same context some time later. */
const later = (ctx: Context, seconds: number): Context => ({
  ...ctx,
  now: () => new Date(ctx.now().getTime() + seconds * 1000),
})
const auditedActions = async (ctx: Context) => {
  const text =
    "select action from audit_entries where action like 'phone-numbers%' order by sequence"
  const rows = await lab.api.database.query<{ action: string }>(
    'app',
    text,
    [],
    ctx.organizationId ?? '',
  )
  return rows.map(({ action }) => action)
}

test('a held number is imported: pointed at our gateways, what it pointed at before is kept', async () => {
  const { ctx, account, e164, id, number } = await imported()
  expect(number).toMatchObject({ state: 'importing', health: 'working' })
  expect(await converge(ctx, id)).toBe('done')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'active', step: null, health: 'ok' })
  expect(await heldByOwn(account, e164)).toMatchObject({
    voiceUrl: VOICE_URL,
    voiceFallbackUrl: 'http://127.0.0.1:3001/webhooks/twilio/fallback',
    statusCallback: 'http://127.0.0.1:3002/twilio/status',
  })
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect(await auditedActions(ctx)).toEqual(['phone-numbers.import'])
})

test('a held number is listed until it is imported', async () => {
  const { admin, account, e164 } = await imported()
  const params = { carrierAccountId: account.id }
  const response = await lab.api.call(contract.listHeldNumbers, { params }, admin)
  const { items } = contract.listHeldNumbers.response.parse(response.json())
  const rest = account.numbers.filter((one) => one !== e164)
  expect(items.map((one) => one.e164)).toEqual(rest)
  expect(items[0]).toMatchObject({ voiceUrl: 'https://before.voxcalls.test/voice' })
})

test('an imported number that is given up points where it pointed before', async () => {
  const { admin, ctx, account, e164, id } = await imported()
  await converge(ctx, id)
  expect((await release(admin, id, e164, true)).json()).toMatchObject({ state: 'releasing' })
  expect(await converge(ctx, id)).toBe('done')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'released' })
  expect(await heldByOwn(account, e164)).toMatchObject({
    voiceUrl: 'https://before.voxcalls.test/voice',
    statusCallback: 'https://before.voxcalls.test/status',
    voiceFallbackUrl: '',
  })
  expect(await auditedActions(ctx)).toEqual(['phone-numbers.import', 'phone-numbers.release'])
})

test('a number that somebody pointed elsewhere meanwhile is left there when it is given up', async () => {
  const { admin, ctx, account, e164, id } = await imported()
  await converge(ctx, id)
  const theirs = {
    voiceUrl: 'https://new.voxcalls.test/',
    voiceFallbackUrl: '',
    statusCallback: '',
  }
  const carrier = lab.ownersTwilio(account.accountSid)
  await carrier.pointNumber((await carrier.findNumber(e164))?.sid ?? '', theirs)
  await release(admin, id, e164, true)
  await converge(ctx, id)
  expect((await carrier.findNumber(e164))?.voiceUrl).toBe('https://new.voxcalls.test/')
})

test('a bought number that is given up goes back to Twilio and can be bought by somebody else', async () => {
  const { admin, ctx, e164, id } = await bought()
  expect(await converge(ctx, id)).toBe('done')
  expect(await held(ctx, e164)).toMatchObject({ voiceUrl: VOICE_URL })
  expect((await release(admin, id, e164, true)).json()).toMatchObject({
    code: 'phone-numbers.platform_keeps_none',
  })
  expect((await release(admin, id, '+15005550000', false)).json()).toMatchObject({
    code: 'phone-numbers.not_confirmed',
  })
  await release(admin, id, e164, false)
  expect(await converge(ctx, id)).toBe('done')
  expect(await held(ctx, e164)).toBeNull()
  expect((await release(admin, id, e164, false)).json()).toMatchObject({
    code: 'phone-numbers.released',
  })
})

test('a purchase whose answer was lost is found and adopted, not sent again', async () => {
  const { ctx, id } = await bought()
  const before = lab.purchases()
  lab.faults.add({
    ...purchasing,
    action: { type: 'reset', afterBytes: 0 },
  })
  expect(await converge(ctx, id)).toBe('later')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'importing',
    step: 'buying',
    error: { vendor: 'twilio', code: 'buy-number' },
  })
  await lab.timePasses(id)
  expect(await converge(ctx, id)).toBe('done')
  expect(lab.purchases() - before).toBe(1)
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'active', error: null })
})

test('a purchase that never arrived is sent once more, fifteen seconds later and no sooner', async () => {
  const { ctx, id } = await bought()
  const before = lab.purchases()
  lab.faults.add({
    ...purchasing,
    times: 2,
    action: { type: 'drop' },
  })
  expect(await converge(ctx, id)).toBe('later')
  await lab.timePasses(id)
  expect(await converge(ctx, id)).toBe('later')
  expect(lab.purchases() - before).toBe(1)
  expect(await converge(later(ctx, 16), id)).toBe('later')
  expect(lab.purchases() - before).toBe(2)
  await lab.timePasses(id)
  expect(await converge(later(ctx, 40), id)).toBe('failed')
  expect(lab.purchases() - before).toBe(2)
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'failed',
    error: { vendor: null, code: 'purchase_unclear' },
  })
})

test('a number that Twilio refuses to sell fails in its words, and its claim is given up', async () => {
  const { admin, ctx, e164, id } = await bought()
  lab.faults.add({
    ...purchasing,
    action: {
      type: 'status',
      status: 400,
      body: { code: 21422, message: 'PhoneNumber is not available.', status: 400 },
    },
  })
  expect(await converge(ctx, id)).toBe('failed')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'failed',
    step: 'buying',
    error: { vendor: 'twilio', message: 'PhoneNumber is not available.' },
  })
  // Somebody else may have it now, so giving it up asks no vendor for anything.
  const other = await lab.anOrganization()
  const body = { e164, confirmE164: e164, agentId: other.agentId }
  const theirs = read(await lab.api.call(contract.buyPhoneNumber, { body }, other.admin))
  expect(await converge(other.ctx, theirs.id)).toBe('done')
  const params = { phoneNumberId: id }
  expect((await lab.api.call(contract.retryPhoneNumber, { params }, admin)).json()).toMatchObject({
    code: 'phone-numbers.taken',
  })
  expect((await release(admin, id, e164, false)).json()).toMatchObject({ state: 'released' })
  expect(await held(other.ctx, e164)).not.toBeNull()
})

test('a purchase whose answer made no sense may have been made: the claim is kept and it is looked for', async () => {
  const { admin, ctx, e164, id } = await bought()
  lab.faults.add({
    ...purchasing,
    action: { type: 'status', status: 302 },
  })
  expect(await converge(ctx, id)).toBe('failed')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'failed', step: 'buying' })
  const other = await lab.anOrganization()
  const body = { e164, confirmE164: e164, agentId: other.agentId }
  const theirs = await lab.api.call(contract.buyPhoneNumber, { body }, other.admin)
  expect(theirs.json()).toMatchObject({ code: 'phone-numbers.taken' })
  const params = { phoneNumberId: id }
  expect((await lab.api.call(contract.retryPhoneNumber, { params }, admin)).statusCode).toBe(202)
  expect(await converge(later(ctx, 16), id)).toBe('done')
})

test('a vendor that fails is left in peace for longer each time; whoever asks is served at once', async () => {
  const { ctx, id } = await imported()
  lab.faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    times: 100,
    action: { type: 'status', status: 503 },
  })
  const pauses: number[] = []
  for (let tries = 0; tries < 10; tries++) {
    const before = Date.now()
    expect(await converge(ctx, id)).toBe('later')
    const { state, error, nextTryAt } = await getPhoneNumber(ctx, id)
    expect(state).toBe('importing')
    expect(error).toMatchObject({ vendor: 'twilio', message: expect.stringMatching(/./) })
    pauses.push(Math.round(((nextTryAt?.getTime() ?? 0) - before) / 15_000))
    // Nobody is asked before, by whatever job.
    const asked = lab.journal.entries({ vendor: 'twilio' }).length
    expect(await converge(ctx, id)).toBe('nothing to do')
    const from = lab.api.sent.length
    await convergeUnfinishedJob.run(lab.api.ctx, {})
    expect(JSON.stringify(lab.api.sent.slice(from))).not.toContain(id)
    expect(lab.journal.entries({ vendor: 'twilio' }).length).toBe(asked)
    await lab.api.database.query(
      'admin',
      'update phone_numbers set next_try_at = now() where id = $1',
      [id],
    )
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240])
  lab.faults.clear()
  lab.api.letVendorsRest()
  await converge(ctx, id)
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'active', nextTryAt: null })

  const again = await imported()
  lab.faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    times: 3,
    action: { type: 'status', status: 503 },
  })
  await converge(again.ctx, again.id)
  lab.faults.clear()
  expect(await converge(again.ctx, again.id)).toBe('nothing to do')
  const params = { phoneNumberId: again.id }
  await lab.api.call(contract.retryPhoneNumber, { params }, again.admin)
  expect(await converge(again.ctx, again.id)).toBe('done')
})

test('trying again takes a number from nobody who works on it', async () => {
  const { admin, ctx, id } = await bought()
  lab.faults.add({
    ...purchasing,
    action: { type: 'status', status: 503 },
  })
  expect(await converge(ctx, id)).toBe('later')
  await lab.timePasses(id)
  const gate = lab.faults.add({
    vendor: 'twilio',
    on: 'request',
    path: 'IncomingPhoneNumbers',
    action: { type: 'block' },
  })
  const working = converge(ctx, id)
  await expect.poll(() => gate.fired).toBe(1)
  const params = { phoneNumberId: id }
  expect((await lab.api.call(contract.retryPhoneNumber, { params }, admin)).statusCode).toBe(202)
  expect(await converge(ctx, id)).toBe('nothing to do')
  lab.faults.remove(gate.id)
  expect(await working).toBe('later')
})

test('what fails on our side is told, reported and tried again', async () => {
  const { ctx, id } = await imported()
  const twilioOf: typeof ctx.vendors.twilioOf = (account) => ({
    ...ctx.vendors.twilioOf(account),
    pointNumber: () => Promise.reject(new TypeError('nobody foresaw this')),
  })
  const failing = { ...ctx, vendors: { ...ctx.vendors, twilioOf } }
  await expect(converge(failing, id)).rejects.toThrow('nobody foresaw this')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'importing',
    error: { vendor: null, code: 'unforeseen' },
    nextTryAt: expect.any(Date),
  })
  await lab.timePasses(id)
  expect(await converge(ctx, id)).toBe('done')
})

test('a purchase that comes through after the number was given up is given back', async () => {
  const { admin, ctx, e164, id } = await bought()
  const gate = lab.faults.add({
    ...purchasing,
    action: { type: 'block' },
  })
  const stalled = converge(ctx, id)
  await expect.poll(() => gate.fired).toBe(1)
  await release(admin, id, e164, false)
  await lab.timePasses(id)
  expect(await converge(ctx, id)).toBe('done')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'released' })
  lab.faults.remove(gate.id)
  expect(await stalled).toBe('nothing to do')
  expect(await held(ctx, e164)).toBeNull()
})

test('an import that comes through after somebody else took the number back is undone', async () => {
  const { admin, ctx, account, e164, id } = await imported({ route: 'native' })
  const gate = lab.faults.add({
    ...importing,
    action: { type: 'block' },
  })
  const stalled = converge(ctx, id)
  await expect.poll(() => gate.fired).toBe(1)
  const params = { phoneNumberId: id }
  await lab.api.call(contract.updatePhoneNumber, { params, body: { route: 'gateway' } }, admin)
  await lab.timePasses(id)
  expect(await converge(ctx, id)).toBe('done')
  lab.faults.remove(gate.id)
  expect(await stalled).toBe('nothing to do')
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect((await heldByOwn(account, e164))?.voiceUrl).toBe(VOICE_URL)
})

test('of two workers on one number one works, and the purchase is sent once', async () => {
  const { ctx, id } = await bought()
  const before = lab.purchases()
  const outcomes = await Promise.all([converge(ctx, id), converge(ctx, id), converge(ctx, id)])
  expect(outcomes.sort()).toEqual(['done', 'nothing to do', 'nothing to do'])
  expect(lab.purchases() - before).toBe(1)
})

test('a number that is not held, or has an agent of somebody else, is not claimed', async () => {
  const { admin, ctx, agentId } = await lab.anOrganization()
  const account = await lab.anOwnAccount(ctx)
  const [e164 = ''] = account.numbers
  const ask = (over: object) =>
    lab.api.call(
      contract.importPhoneNumber,
      { body: { e164, agentId, carrierAccountId: account.id, ...over } },
      admin,
    )
  expect((await ask({ e164: '+15005550000' })).json()).toMatchObject({
    code: 'phone-numbers.not_held',
  })
  const stranger = await lab.anOrganization()
  expect((await ask({ agentId: stranger.agentId })).statusCode).toBe(404)
  const own = { carrierAccountId: (await lab.anOwnAccount(stranger.ctx)).id }
  expect((await ask(own)).statusCode).toBe(404)
  expect((await ask({})).statusCode).toBe(202)
  expect((await ask({})).json()).toMatchObject({ code: 'phone-numbers.taken' })
})

test('a number is bought by whoever types it, with what it costs shown before', async () => {
  const { admin, agentId } = await lab.anOrganization()
  const e164 = await lab.aFreeNumber()
  const search = await lab.api.call(
    contract.searchAvailableNumbers,
    { query: { country: 'US', contains: e164.slice(1), limit: 5 } },
    admin,
  )
  expect(search.json()).toMatchObject({
    items: [{ e164, country: 'US' }],
    monthlyPrice: { amountMicros: 1_150_000, currency: 'usd' },
    paidBy: 'platform',
  })
  const none = await lab.api.call(
    contract.searchAvailableNumbers,
    { query: { country: 'AQ' } },
    admin,
  )
  expect(none.json()).toEqual({ items: [], monthlyPrice: null, paidBy: 'platform' })
  const buy = (body: { e164: string; confirmE164: string }) =>
    lab.api.call(contract.buyPhoneNumber, { body: { ...body, agentId } }, admin)
  expect((await buy({ e164, confirmE164: '+15005550000' })).statusCode).toBe(422)
  const unsold = '+14155559999'
  expect((await buy({ e164: unsold, confirmE164: unsold })).json()).toMatchObject({
    code: 'phone-numbers.not_available',
  })
})

test('a native number is imported at ElevenLabs with its agent, and its fallback stays ours', async () => {
  const { ctx, account, e164, id, agentId } = await imported({ route: 'native' })
  expect(await converge(ctx, id)).toBe('done')
  const there = (await lab.imported()).find((one) => one.phone_number === e164)
  const [agent] = await lab.api.database.query<{ elevenlabs_agent_id: string }>(
    'admin',
    'select elevenlabs_agent_id from agents where id = $1',
    [agentId],
  )
  expect(there?.assigned_agent?.agent_id).toBe(agent?.elevenlabs_agent_id)
  expect(await heldByOwn(account, e164)).toMatchObject({
    voiceUrl: `${lab.elevenLabs.url}/twilio/inbound_call`,
    voiceFallbackUrl: 'http://127.0.0.1:3001/webhooks/twilio/fallback',
  })
})

test('an agent is exchanged at ElevenLabs, and leaving it brings the number back to our gateways', async () => {
  const { admin, ctx, account, e164, id } = await imported({ route: 'native' })
  await converge(ctx, id)
  const other = await lab.anAgent(ctx)
  const params = { phoneNumberId: id }
  const change = (body: { agentId?: string | null; route?: 'gateway' }) =>
    lab.api.call(contract.updatePhoneNumber, { params, body }, admin)
  expect((await change({ agentId: null })).json()).toMatchObject({
    code: 'phone-numbers.agent_not_ready',
  })
  expect((await change({ agentId: other })).json()).toMatchObject({ state: 'changing' })
  expect(await converge(ctx, id)).toBe('done')
  const [agent] = await lab.api.database.query<{ elevenlabs_agent_id: string }>(
    'admin',
    'select elevenlabs_agent_id from agents where id = $1',
    [other],
  )
  const there = (await lab.imported()).find((one) => one.phone_number === e164)
  expect(there?.assigned_agent?.agent_id).toBe(agent?.elevenlabs_agent_id)

  expect((await change({ route: 'gateway' })).json()).toMatchObject({ state: 'changing' })
  expect(await converge(ctx, id)).toBe('done')
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect((await heldByOwn(account, e164))?.voiceUrl).toBe(VOICE_URL)
})

test('what is refused at ElevenLabs is shown in its words; trying again heals it', async () => {
  const { admin, ctx, e164, id } = await imported({ route: 'native' })
  lab.faults.add({
    ...importing,
    action: {
      type: 'status',
      status: 400,
      body: { detail: { status: 'bad_number', message: 'This number cannot be imported.' } },
    },
  })
  expect(await converge(ctx, id)).toBe('failed')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'failed',
    step: 'joining_elevenlabs',
    health: 'failed',
    error: { vendor: 'elevenlabs', message: 'This number cannot be imported.' },
  })
  const params = { phoneNumberId: id }
  const retried = await lab.api.call(contract.retryPhoneNumber, { params }, admin)
  expect(retried.json()).toMatchObject({ state: 'importing' })
  expect(await converge(ctx, id)).toBe('done')
  expect((await lab.imported()).filter((one) => one.phone_number === e164).length).toBe(1)
  expect((await lab.api.call(contract.retryPhoneNumber, { params }, admin)).json()).toMatchObject({
    code: 'phone-numbers.nothing_to_retry',
  })
})

test('an import whose answer was lost is not left behind, whatever is wanted next', async () => {
  const { admin, ctx, account, e164, id } = await imported({ route: 'native' })
  lab.faults.add({
    ...importing,
    action: { type: 'reset', afterBytes: 0 },
  })
  expect(await converge(ctx, id)).toBe('later')
  expect((await lab.imported()).map((one) => one.phone_number)).toContain(e164)
  const params = { phoneNumberId: id }
  await lab.api.call(contract.updatePhoneNumber, { params, body: { route: 'gateway' } }, admin)
  expect(await converge(ctx, id)).toBe('done')
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect((await heldByOwn(account, e164))?.voiceUrl).toBe(VOICE_URL)
})

test('a release wins over a set-up that fails meanwhile, and takes everything away', async () => {
  const { admin, ctx, account, e164, id } = await imported({ route: 'native' })
  const gate = lab.faults.add({
    ...importing,
    action: { type: 'block' },
  })
  const working = converge(ctx, id)
  await expect.poll(() => gate.fired).toBe(1)
  expect((await release(admin, id, e164, true)).statusCode).toBe(202)
  lab.faults.remove(gate.id)
  expect(await working).toBe('done')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({ state: 'released' })
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect((await heldByOwn(account, e164))?.voiceUrl).toBe('https://before.voxcalls.test/voice')
})

test('a worker that was killed is followed by the sweep, once its time is over', async () => {
  const { ctx, id } = await bought()
  await lab.api.database.query(
    'admin',
    "update phone_numbers set work_epoch = 1, work_until = now() + interval '1 minute' where id = $1",
    [id],
  )
  const swept = async () => {
    const before = lab.api.sent.length
    await convergeUnfinishedJob.run(lab.api.ctx, {})
    return lab.api.sent.slice(before).filter(({ data }) => JSON.stringify(data).includes(id)).length
  }
  expect(await swept()).toBe(0)
  expect(await converge(ctx, id)).toBe('nothing to do')
  await lab.api.database.query(
    'admin',
    "update phone_numbers set work_until = now() - interval '1 second' where id = $1",
    [id],
  )
  expect(await swept()).toBe(1)
  expect(await converge(ctx, id)).toBe('done')
})
