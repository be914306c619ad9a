import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from './contract.ts'
import { connectNumber, findRouteByNumber } from './service.ts'
import { type NumberLab, numberLab } from './testing.ts'

let lab: NumberLab
beforeAll(async () => {
  lab = await numberLab()
})
afterAll(() => lab.close())

test('a connected number is bought, points at our gateways, and leads to its agent', async () => {
  const { admin, ctx, agentId } = await lab.anOrganization()
  const e164 = await lab.aFreeNumber()
  const wanted = { e164, agentId, label: 'Front desk' }
  const { phoneNumberId } = await connectNumber(ctx, wanted)

  expect(await lab.api.ctx.vendors.twilio.findNumber(e164)).toMatchObject({
    voiceUrl: 'http://127.0.0.1:3002/twilio/voice',
  })
  expect(await findRouteByNumber(lab.api.ctx, e164)).toEqual({
    organizationId: ctx.organizationId,
    phoneNumberId,
    agentId,
    route: 'gateway',
    twilioAccountSid: lab.api.ctx.vendors.twilio.accountSid,
    fallback: { kind: 'none' },
  })
  const response = await lab.api.call(contract.listPhoneNumbers, { query: {} }, admin)
  expect(contract.listPhoneNumbers.response.parse(response.json()).items).toMatchObject([
    { id: phoneNumberId, e164, label: 'Front desk', agentName: 'Dana' },
  ])
})

test('connecting again buys nothing, keeps the number and changes its agent', async () => {
  const { ctx, agentId } = await lab.anOrganization()
  const e164 = await lab.aFreeNumber()
  const first = await connectNumber(ctx, { e164, agentId, label: 'a' })
  const bought = lab.purchases()
  const moved = { ...ctx, vendors: { ...ctx.vendors, gatewayUrl: 'http://127.0.0.1:4002' } }
  const second = await connectNumber(moved, { e164, agentId, label: 'a' })
  expect(second).toEqual(first)
  expect(lab.purchases()).toBe(bought)
  expect((await lab.api.ctx.vendors.twilio.findNumber(e164))?.voiceUrl).toBe(
    'http://127.0.0.1:4002/twilio/voice',
  )
  const audited = await lab.api.database.query<{ action: string }>(
    'app',
    "select action from audit_entries where action like 'phone-numbers%'",
    [],
    ctx.organizationId ?? '',
  )
  expect(audited.length).toBe(1)
})

test('a number of another organization is refused and stays with its owner', async () => {
  const owner = await lab.anOrganization()
  const e164 = await lab.aFreeNumber()
  await connectNumber(owner.ctx, { e164, agentId: owner.agentId, label: '' })
  const thief = await lab.anOrganization()
  const taken = connectNumber(thief.ctx, { e164, agentId: thief.agentId, label: '' })
  await expect(taken).rejects.toMatchObject({ code: 'phone-numbers.taken', status: 409 })
  expect((await findRouteByNumber(lab.api.ctx, e164))?.organizationId).toBe(
    owner.ctx.organizationId,
  )
})

test('of two organizations that want one number at once, one gets it', async () => {
  const [a, b] = [await lab.anOrganization(), await lab.anOrganization()]
  const e164 = await lab.aFreeNumber()
  await lab.api.ctx.vendors.twilio.buyNumber(e164, {
    voiceUrl: 'http://127.0.0.1:9/x',
    voiceFallbackUrl: 'http://127.0.0.1:9/x',
    statusCallback: 'http://127.0.0.1:9/x',
  })
  const outcomes = await Promise.allSettled(
    [a, b].map(({ ctx, agentId }) => connectNumber(ctx, { e164, agentId, label: '' })),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('an agent of another organization cannot be given a number', async () => {
  const [mine, theirs] = [await lab.anOrganization(), await lab.anOrganization()]
  const wanted = { e164: await lab.aFreeNumber(), agentId: theirs.agentId, label: '' }
  const bought = lab.purchases()
  const refused = connectNumber(mine.ctx, wanted)
  await expect(refused).rejects.toMatchObject({ code: 'request.not_found' })
  expect(lab.purchases()).toBe(bought)
})

test('a number nobody has leads nowhere', async () => {
  expect(await findRouteByNumber(lab.api.ctx, '+15005550000')).toBeNull()
})
