import { randomUUIDv7 } from 'node:crypto'
import { type Context, forOrganization } from '#api/core/context.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import { connectCarrierAccount } from '#api/domains/carrier-accounts/service.ts'
import { type Person, type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../../sandbox/twilio/start.ts'

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-token' }
const API_KEY = 'sandbox-elevenlabs-key'
const CREATED = 201

/** Both vendors, and organizations with agents and Twilio accounts of their own. */
export type NumberLab = {
  api: TestApi
  /** For a process of its own. */
  environment: Record<string, string>
  twilio: TwilioStandIn
  elevenLabs: ElevenLabsStandIn
  faults: Faults
  journal: Journal
  anOrganization(): Promise<{ admin: Person; ctx: Context; agentId: string }>
  anAgent(ctx: Context): Promise<string>
  /** A connected account that holds a few numbers. */
  anOwnAccount(ctx: Context): Promise<{ id: string; accountSid: string; numbers: string[] }>
  /** Twilio as that account's owner sees it. */
  ownersTwilio(accountSid: string): TwilioClient
  /** On sale, and given to no other test. */
  aFreeNumber(): Promise<string>
  /** Numbers that ElevenLabs holds. */
  imported(): Promise<
    { phone_number_id: string; phone_number: string; assigned_agent: { agent_id: string } | null }[]
  >
  /** Somebody at the vendor's own console. */
  atElevenLabs(method: 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>
  /** Nobody works on the number any more, and a vendor that failed was left in peace for long enough. */
  timePasses(phoneNumberId: string): Promise<void>
  /** Asked for, whatever became of it. */
  purchases(): number
  /** One line for each that Twilio sold. */
  boughtNumbers(): string[]
  close(): Promise<void>
}

export async function numberLab(
  accountsOfTenants: { count: number; numbersEach: number } = { count: 30, numbersEach: 4 },
): Promise<NumberLab> {
  const { count, numbersEach } = accountsOfTenants
  const faults = new Faults()
  const journal = new Journal()
  const book = new PhraseBook(formantEngine())
  const accounts = Array.from({ length: count }, (_, n) => ({
    accountSid: `AC${(n + 1).toString(16).padStart(2, '0').repeat(16)}`,
    authToken: `token-of-account-${n + 1}`,
    numbers: Array.from({ length: numbersEach }, (_none, m) => ({
      phoneNumber: `+1415555${2_000 + n * numbersEach + m}`,
      voiceUrl: 'https://before.voxcalls.test/voice',
      statusCallback: 'https://before.voxcalls.test/status',
    })),
  }))
  const common = { port: 0, book, journal, faults }
  const twilio = await startTwilio({ ...common, ...ACCOUNT, otherAccounts: accounts })
  const elevenLabs = await startElevenLabs({
    ...common,
    apiKey: API_KEY,
    webhookSecret: 'wsec_sandbox',
    twilioUrl: twilio.url,
  })
  const vendors = {
    TWILIO_BASE_URL: twilio.url,
    ELEVENLABS_BASE_URL: elevenLabs.url,
    ELEVENLABS_API_KEY: API_KEY,
  }
  const api = await testApi(vendors)
  const headers = { 'xi-api-key': API_KEY, 'content-type': 'application/json' }
  let nextAccount = 0
  const given = new Set<string>()

  async function anAgent(ctx: Context): Promise<string> {
    const id = randomUUIDv7()
    const elevenLabsAgentId = await ctx.vendors.elevenLabs.createAgent({
      name: 'Dana',
      prompt: 'We open at eight.',
      firstMessage: 'Hello.',
      language: 'en',
      voiceId: 'sbx0000000000000Alma',
      maxDurationSeconds: 600,
      tags: [`voxcalls-agent:${id}`],
    })
    await api.database.query(
      'admin',
      `insert into agents (organization_id, id, name, prompt, first_message, voice_id, elevenlabs_agent_id)
       values ($1, $2, 'Dana', 'We open at eight.', 'Hello.', 'sbx0000000000000Alma', $3)`,
      [ctx.organizationId, id, elevenLabsAgentId],
    )
    return id
  }

  const purchases = () =>
    journal
      .entries({ vendor: 'twilio', path: '/IncomingPhoneNumbers.json' })
      .filter(({ method }) => method === 'POST')

  return {
    api,
    environment: testEnvironment(vendors),
    twilio,
    elevenLabs,
    faults,
    journal,
    anAgent,
    async anOrganization() {
      const admin = await api.aHolderOf('admin')
      const ctx = forOrganization(api.ctx, admin.organizationId ?? '')
      return { admin, ctx, agentId: await anAgent(ctx) }
    },
    async anOwnAccount(ctx) {
      const account = accounts[nextAccount++]
      if (!account) throw new Error('no account left')
      const { accountSid, authToken, numbers } = account
      const connected = await connectCarrierAccount(ctx, {
        twilioAccountSid: accountSid,
        authToken,
        label: '',
      })
      return { id: connected.id, accountSid, numbers: numbers.map((one) => one.phoneNumber) }
    },
    ownersTwilio(sid) {
      const account = accounts.find(({ accountSid }) => accountSid === sid)
      if (!account) throw new Error('no such account')
      return api.ctx.vendors.twilioOf(account)
    },
    async aFreeNumber() {
      const offered = await api.ctx.vendors.twilio.searchNumbers({ country: 'US', limit: 100 })
      const free = offered.find(({ e164 }) => !given.has(e164))
      if (!free) throw new Error('no number left')
      given.add(free.e164)
      return free.e164
    },
    async imported() {
      const answer = await fetch(`${elevenLabs.url}/v1/convai/phone-numbers`, { headers })
      return (await answer.json()) as Awaited<ReturnType<NumberLab['imported']>>
    },
    async atElevenLabs(method, path, body = {}) {
      const url = `${elevenLabs.url}/v1/convai${path}`
      const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`the stand-in refused: ${await answer.text()}`)
    },
    async timePasses(phoneNumberId) {
      await api.database.query(
        'admin',
        'update phone_numbers set work_until = null, next_try_at = null where id = $1',
        [phoneNumberId],
      )
    },
    purchases: () => purchases().length,
    boughtNumbers: () =>
      purchases()
        .filter(({ status }) => status === CREATED)
        .map(({ body }) => String(Reflect.get(Object(body), 'PhoneNumber'))),
    async close() {
      await api.close()
      await elevenLabs.close()
      await twilio.close()
    },
  }
}
