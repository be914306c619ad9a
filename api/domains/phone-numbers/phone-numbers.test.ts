import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Context, forOrganization } from '#api/core/context.ts'
import { createAgent } from '#api/domains/agents/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../../sandbox/twilio/start.ts'
import * as contract from './contract.ts'
import { connectNumber, findRouteByNumber } from './service.ts'

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-token' }
const carrier = { twilioAccountSid: account.accountSid, publicVoiceUrl: 'http://127.0.0.1:3002' }
const faults = new Faults()
const journal = new Journal()
let twilio: TwilioStandIn
let api: TestApi
beforeAll(async () => {
  const book = new PhraseBook(formantEngine())
  twilio = await startTwilio({ port: 0, ...account, book, journal, faults })
  api = await testApi({ TWILIO_BASE_URL: twilio.url })
})
afterAll(async () => {
  await api.close()
  await twilio.close()
})

async function anOrganization() {
  const admin = await api.aHolderOf('admin')
  const ctx: Context = forOrganization(api.ctx, admin.organizationId ?? '')
  const agent = await createAgent(ctx, {
    name: 'Dana',
    spec: {
      prompt: 'We open at eight.',
      firstMessage: 'Hello.',
      voiceId: 'sbx0000000000000Alma',
    },
  })
  return { admin, ctx, agent }
}
const aFreeNumber = async () =>
  (await api.ctx.vendors.twilio.searchNumbers({ country: 'US', limit: 1 }))[0]?.e164 ?? ''
const purchases = () =>
  journal
    .entries({ vendor: 'twilio', path: '/IncomingPhoneNumbers.json' })
    .filter(({ method }) => method === 'POST').length

test('a connected number is bought, points at our gateways, and leads to its agent', async () => {
  const { admin, ctx, agent } = await anOrganization()
  const e164 = await aFreeNumber()
  const wanted = { e164, agentId: agent.id, label: 'Front desk' }
  const { phoneNumberId } = await connectNumber(ctx, wanted, carrier)

  expect(await api.ctx.vendors.twilio.findNumber(e164)).toMatchObject({
    voiceUrl: 'http://127.0.0.1:3002/twilio/voice',
  })
  expect(await findRouteByNumber(api.ctx, e164)).toEqual({
    organizationId: ctx.organizationId,
    phoneNumberId,
    agentId: agent.id,
    route: 'gateway',
    twilioAccountSid: account.accountSid,
  })
  const response = await api.call(contract.listPhoneNumbers, { query: {} }, admin)
  expect(contract.listPhoneNumbers.response.parse(response.json()).items).toMatchObject([
    { id: phoneNumberId, e164, label: 'Front desk', agentName: 'Dana' },
  ])
})

test('connecting again buys nothing, keeps the number and changes its agent', async () => {
  const { ctx, agent } = await anOrganization()
  const e164 = await aFreeNumber()
  const first = await connectNumber(ctx, { e164, agentId: agent.id, label: 'a' }, carrier)
  const bought = purchases()
  const moved = { ...carrier, publicVoiceUrl: 'http://127.0.0.1:4002' }
  const second = await connectNumber(ctx, { e164, agentId: agent.id, label: 'a' }, moved)
  expect(second).toEqual(first)
  expect(purchases()).toBe(bought)
  expect((await api.ctx.vendors.twilio.findNumber(e164))?.voiceUrl).toBe(
    'http://127.0.0.1:4002/twilio/voice',
  )
  const audited = await api.database.query<{ action: string }>(
    'app',
    "select action from audit_entries where action like 'phone-numbers%'",
    [],
    ctx.organizationId ?? '',
  )
  expect(audited.length).toBe(1)
})

test('a number of another organization is refused and stays with its owner', async () => {
  const owner = await anOrganization()
  const e164 = await aFreeNumber()
  await connectNumber(owner.ctx, { e164, agentId: owner.agent.id, label: '' }, carrier)
  const thief = await anOrganization()
  const taken = connectNumber(thief.ctx, { e164, agentId: thief.agent.id, label: '' }, carrier)
  await expect(taken).rejects.toMatchObject({ code: 'phone-numbers.taken', status: 409 })
  expect((await findRouteByNumber(api.ctx, e164))?.organizationId).toBe(owner.ctx.organizationId)
})

test('of two organizations that want one number at once, one gets it', async () => {
  const [a, b] = [await anOrganization(), await anOrganization()]
  const e164 = await aFreeNumber()
  await api.ctx.vendors.twilio.buyNumber(e164, {
    voiceUrl: 'http://127.0.0.1:9/x',
    voiceFallbackUrl: 'http://127.0.0.1:9/x',
    statusCallback: 'http://127.0.0.1:9/x',
  })
  const outcomes = await Promise.allSettled(
    [a, b].map(({ ctx, agent }) =>
      connectNumber(ctx, { e164, agentId: agent.id, label: '' }, carrier),
    ),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('an agent of another organization cannot be given a number', async () => {
  const [mine, theirs] = [await anOrganization(), await anOrganization()]
  const wanted = { e164: await aFreeNumber(), agentId: theirs.agent.id, label: '' }
  const bought = purchases()
  const refused = connectNumber(mine.ctx, wanted, carrier)
  await expect(refused).rejects.toMatchObject({ code: 'request.not_found' })
  expect(purchases()).toBe(bought)
})

test('a number nobody has leads nowhere', async () => {
  expect(await findRouteByNumber(api.ctx, '+15005550000')).toBeNull()
})
