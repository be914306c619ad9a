import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { asPlatform } from '#api/core/context.ts'
import * as contract from './contract.ts'
import { converge } from './converge.ts'
import { checkAllDriftJob, checkDriftJob } from './jobs.ts'
import * as queries from './queries.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'
import { type NumberLab, numberLab } from './testing.ts'

let lab: NumberLab
beforeAll(async () => {
  lab = await numberLab()
})
afterEach(() => lab.faults.clear())
afterAll(() => lab.close())

async function inService(route: PhoneNumber['route']) {
  const { admin, ctx, agentId } = await lab.anOrganization()
  const account = await lab.anOwnAccount(ctx)
  const [e164 = ''] = account.numbers
  const body = { e164, agentId, carrierAccountId: account.id, route }
  const response = await lab.api.call(contract.importPhoneNumber, { body }, admin)
  const { id } = contract.phoneNumber.parse(response.json())
  await converge(ctx, id)
  const carrier = lab.ownersTwilio(account.accountSid)
  const params = { phoneNumberId: id }
  const call = (
    endpoint: typeof contract.checkDrift | typeof contract.repairDrift,
  ): Promise<{ statusCode: number; json(): unknown }> => lab.api.call(endpoint, { params }, admin)
  return { ctx, id, e164, carrier, account, agentId, call }
}
const whatDrifted = (number: PhoneNumber) => number.drift.map(({ what }) => what)

test('what somebody changed at Twilio is found and repaired', async () => {
  const { ctx, id, e164, carrier, call } = await inService('gateway')
  expect((await call(contract.checkDrift)).json()).toMatchObject({ drift: [], health: 'ok' })
  expect((await call(contract.repairDrift)).json()).toMatchObject({
    code: 'phone-numbers.nothing_to_repair',
  })
  const held = await carrier.findNumber(e164)
  await carrier.pointNumber(held?.sid ?? '', {
    voiceUrl: 'https://elsewhere.voxcalls.test/voice',
    voiceFallbackUrl: held?.voiceFallbackUrl ?? '',
    statusCallback: '',
    trunkSid: `TK${'1'.repeat(32)}`,
  })
  const drifted = contract.phoneNumber.parse((await call(contract.checkDrift)).json())
  expect(drifted).toMatchObject({ health: 'drifted', driftFoundAt: expect.any(Date) })
  expect(drifted.drift).toEqual([
    {
      vendor: 'twilio',
      what: 'voice_url',
      expected: 'http://127.0.0.1:3002/twilio/voice',
      found: 'https://elsewhere.voxcalls.test/voice',
    },
    {
      vendor: 'twilio',
      what: 'status_callback',
      expected: 'http://127.0.0.1:3002/twilio/status',
      found: '',
    },
    { vendor: 'twilio', what: 'trunk', expected: '', found: `TK${'1'.repeat(32)}` },
  ])
  expect((await call(contract.repairDrift)).json()).toMatchObject({ state: 'changing' })
  expect(await converge(ctx, id)).toBe('done')
  expect((await call(contract.checkDrift)).json()).toMatchObject({ drift: [], driftFoundAt: null })
})

test('an agent exchanged at ElevenLabs, and an import deleted there, are found and repaired', async () => {
  const { ctx, id, e164, call } = await inService('native')
  const there = async () => (await lab.imported()).find((one) => one.phone_number === e164)
  expect((await call(contract.checkDrift)).json()).toMatchObject({ drift: [] })
  const importedId = (await there())?.phone_number_id ?? ''
  await lab.atElevenLabs('PATCH', `/phone-numbers/${importedId}`, { agent_id: null })
  expect(whatDrifted(contract.phoneNumber.parse((await call(contract.checkDrift)).json()))).toEqual(
    ['agent'],
  )
  await lab.atElevenLabs('DELETE', `/phone-numbers/${importedId}`)
  expect(whatDrifted(contract.phoneNumber.parse((await call(contract.checkDrift)).json()))).toEqual(
    ['import_gone'],
  )
  await call(contract.repairDrift)
  expect(await converge(ctx, id)).toBe('done')
  expect((await call(contract.checkDrift)).json()).toMatchObject({ drift: [], health: 'ok' })
  expect((await there())?.assigned_agent).not.toBeNull()
})

test('a number imported at ElevenLabs behind our back is taken back', async () => {
  const { ctx, id, e164, carrier, call } = await inService('gateway')
  await ctx.vendors.elevenLabs.importNumber({ e164, label: 'x', ...carrier.credentials() })
  expect(
    whatDrifted(contract.phoneNumber.parse((await call(contract.checkDrift)).json())),
  ).toContain('still_imported')
  await call(contract.repairDrift)
  expect(await converge(ctx, id)).toBe('done')
  expect((await lab.imported()).map((one) => one.phone_number)).not.toContain(e164)
  expect((await call(contract.checkDrift)).json()).toMatchObject({ drift: [] })
})

test('a number that left its account is found gone, and repairing it says so', async () => {
  const { ctx, id, e164, carrier, call } = await inService('gateway')
  await carrier.releaseNumber((await carrier.findNumber(e164))?.sid ?? '')
  expect(whatDrifted(contract.phoneNumber.parse((await call(contract.checkDrift)).json()))).toEqual(
    ['number_gone'],
  )
  await call(contract.repairDrift)
  expect(await converge(ctx, id)).toBe('failed')
  expect(await getPhoneNumber(ctx, id)).toMatchObject({
    state: 'failed',
    error: { code: 'number_gone' },
  })
})

test('numbers of all organizations are compared once a day, each by a job of its own', async () => {
  const [a, b] = [await inService('gateway'), await inService('gateway')]
  await lab.api.database.query(
    'admin',
    "update phone_numbers set checked_at = now() - interval '25 hours' where id = any($1)",
    [[a.id, b.id]],
  )
  const before = lab.api.sent.length
  await checkAllDriftJob.run(lab.api.ctx, {})
  const asked = lab.api.sent.slice(before).map(({ data }) => JSON.stringify(data))
  for (const { id } of [a, b]) expect(asked.filter((data) => data.includes(id)).length).toBe(1)
  const organizationId = a.ctx.organizationId ?? ''
  await checkDriftJob.run(lab.api.ctx, { organizationId, phoneNumberId: a.id })
  const again = lab.api.sent.length
  await checkAllDriftJob.run(lab.api.ctx, {})
  expect(JSON.stringify(lab.api.sent.slice(again))).not.toContain(a.id)
})

test('numbers of accounts that Twilio refuses keep no others from being compared', async () => {
  const [refused, other] = [await inService('gateway'), await inService('gateway')]
  await lab.api.database.query(
    'admin',
    "update carrier_accounts set state = 'refused' where id = $1",
    [refused.account.id],
  )
  await lab.api.database.query(
    'admin',
    `update phone_numbers set checked_at = case id when $1 then null else now() - interval '25 hours' end
      where id = any($2)`,
    [refused.id, [refused.id, other.id]],
  )
  const unchecked = await asPlatform(lab.api.ctx, (tx) =>
    queries.listUnchecked(tx.db, new Date(), 100),
  )
  const ids = unchecked.map(({ phoneNumberId }) => phoneNumberId)
  expect(ids.at(-1)).toBe(refused.id)
  expect(ids).toContain(other.id)
})

test('an account that does not take its token any more is marked, and the check fails', async () => {
  const { ctx, id, account, call } = await inService('gateway')
  lab.faults.add({
    vendor: 'twilio',
    on: 'request',
    path: account.accountSid,
    times: 5,
    action: { type: 'status', status: 401, body: { code: 20003, message: 'Authenticate' } },
  })
  expect((await call(contract.checkDrift)).statusCode).toBe(502)
  expect((await getPhoneNumber(ctx, id)).drift).toEqual([])
  const [row] = await lab.api.database.query<{ state: string }>(
    'admin',
    'select state from carrier_accounts where id = $1',
    [account.id],
  )
  expect(row?.state).toBe('refused')
})
