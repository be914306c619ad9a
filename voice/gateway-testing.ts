import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import WebSocket from 'ws'
import type { Context } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import type { NumberWebhooks, TwilioClient } from '#api/core/vendors.ts'
import type { RunningCall } from '#api/domains/calls/service.ts'
import { aCallCentre, aCaller, type CallCentre, setPrice } from '#api/domains/calls/testing.ts'
import { changeSetting } from '#api/domains/system/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { type Database, openDatabase } from '#db/client.ts'
import { PhoneCall } from '../sandbox/control/phone-call.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../sandbox/elevenlabs/start.ts'
import { Faults } from '../sandbox/kit/faults.ts'
import { Journal } from '../sandbox/kit/journal.ts'
import { PhraseBook } from '../sandbox/speech/book.ts'
import { formantEngine } from '../sandbox/speech/formant.ts'
import { ScriptedCaller, type ScriptResult, type Step } from '../sandbox/twilio/caller.ts'
import type { Leg } from '../sandbox/twilio/leg.ts'
import { sign } from '../sandbox/twilio/signature.ts'
import { startTwilio, type TwilioStandIn } from '../sandbox/twilio/start.ts'
import { freePorts } from '../scripts/ports.ts'
import { buildOwnApp, buildTwilioApp } from './app.ts'
import { systemClock } from './clock.ts'
import { Gateway } from './gateway.ts'
import { NoticeBook } from './notices.ts'
import { type Line, startLine } from './outage-testing.ts'
import { PendingSpool } from './pending-spool.ts'
import { noTape } from './tape/format.ts'
import { connectOwn } from './ws/connect.ts'
import { connectWs } from './ws/library.ts'

export const VOICE_ID = 'sbx0000000000000Alma'
export const GREETING = 'Hello, this is the front desk.'
export const QUESTION = 'How much is a cleaning?'
export const ANSWER = 'A cleaning costs ninety dollars.'
const PROMPT = `You are the front desk. ${ANSWER}\nWe are open from eight to five.`

const ACCOUNT_SID = `AC${'0'.repeat(32)}`
const AUTH_TOKEN = 'sandbox-twilio-token'
/** A Twilio account of a tenant, with a number of its own. */
export const OWN_ACCOUNT = {
  accountSid: `AC${'1'.repeat(32)}`,
  authToken: 'token-of-a-tenant',
  numbers: [{ phoneNumber: '+14155552001' }],
}
const MAX_CALLS = 50

export type PlacedCall = { leg: Leg; phone: PhoneCall; script: Promise<ScriptResult> }
export type Answered = { status: number; body: string; ms: number }

/** One gateway in this process, between the stand-ins, over a database of its own. */
export type GatewayBench = {
  api: TestApi
  centre: CallCentre
  twilio: TwilioStandIn
  elevenLabs: ElevenLabsStandIn
  /** What the stand-ins can say and understand. */
  book: PhraseBook
  journal: Journal
  faults: Faults
  gateway: Gateway
  notices: NoticeBook
  pending: PendingSpool
  /** The gateway's own way to the database, which can be cut. */
  line: Line
  voiceUrl: string
  /** As the lease tells it to consoles. */
  ownUrl: string
  over: RunningCall[]
  /** Another organization with an agent and a number of its own. */
  aCentre(options?: Parameters<typeof aCallCentre>[1]): Promise<CallCentre>
  dial(script: Step[], options?: { to?: string; from?: string }): Promise<PlacedCall>
  /** As Twilio posts: form fields, signed over the configured address. */
  post(path: string, params: Record<string, string>, signature?: string | null): Promise<Answered>
  /** A media socket as Twilio opens it. */
  openMedia(options?: { signature?: string | null }): Promise<RawSocket>
  money(centre?: CallCentre): Promise<{ balance: number; held: number }>
  rows<Row extends Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>
  refused(check: string): Promise<number>
  close(): Promise<void>
}

export async function aGateway(
  options: {
    balanceCents?: number
    sliceSeconds?: number
    renewWhenLeftSeconds?: number
    maxCalls?: number
    shedDelayMs?: number
    /** What this gateway's own clock is ahead of the database's. */
    clockAheadMs?: number
    /** No voice has said anything yet. */
    isColdVoice?: boolean
  } = {},
): Promise<GatewayBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'voxcalls-gateway-'))
  const { voice, voice1 } = await freePorts()
  const voiceUrl = `http://127.0.0.1:${voice}`
  const ownUrl = `ws://127.0.0.1:${voice1}`
  const journal = new Journal()
  const faults = new Faults()
  const book = new PhraseBook(formantEngine())
  const common = { port: 0, book, journal, faults }
  const account = { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN }
  const twilio = await startTwilio({ ...common, ...account, otherAccounts: [OWN_ACCOUNT] })
  const elevenLabs = await startElevenLabs({
    ...common,
    apiKey: 'sandbox-elevenlabs-key',
    webhookSecret: 'wsec_sandbox',
    twilioUrl: twilio.url,
    postCallDelayMs: 20,
  })
  const api = await testApi({
    TWILIO_BASE_URL: twilio.url,
    ELEVENLABS_BASE_URL: elevenLabs.url,
    PUBLIC_VOICE_URL: voiceUrl,
  })
  await setPrice(api)
  const settings = {
    sliceSeconds: options.sliceSeconds ?? 60,
    minimumSliceSeconds: 10,
    renewWhenLeftSeconds: options.renewWhenLeftSeconds ?? 30,
  }
  const { sliceSeconds } = settings
  await changeSetting(api.ctx, 'slice_seconds', { value: sliceSeconds, reason: 'test' })
  const line = await startLine(Number(new URL(api.database.urls.app).port))
  const database = await openGatewayDatabase(api, line)
  const ctx: Context = {
    ...api.ctx,
    database,
    actor: { kind: 'voice', gateway: 'voice-test' },
    now: () => new Date(api.ctx.now().getTime() + (options.clockAheadMs ?? 0)),
  }
  const notices = new NoticeBook(path.join(folder, 'notices'), ctx.vendors.elevenLabs, ctx.log)
  if (!options.isColdVoice) await notices.prepare(VOICE_ID)
  const pending = new PendingSpool(path.join(folder, 'pending'))
  const over: RunningCall[] = []
  const gateway = new Gateway({
    ctx,
    clock: systemClock,
    name: 'voice-test',
    address: ownUrl,
    notices,
    pending,
    settings,
    openTape: () => noTape,
    callOver: (call) => void over.push(call),
    openAgentSocket: api.deps.config.mediaSockets === 'own' ? connectOwn : connectWs,
    maxCalls: options.maxCalls ?? MAX_CALLS,
    // A busy machine refuses calls rightly, which would be the end of every other test.
    shedDelayMs: options.shedDelayMs ?? Number.POSITIVE_INFINITY,
  })
  const deps = {
    ctx,
    clock: systemClock,
    gateway,
    notices,
    config: api.deps.config,
    metrics: api.metrics,
    health: api.deps.health,
  }
  const twilioApp = await buildTwilioApp(deps)
  const ownApp = await buildOwnApp(deps)
  await twilioApp.listen({ host: '127.0.0.1', port: voice })
  await ownApp.listen({ host: '127.0.0.1', port: voice1 })

  const aCentre: GatewayBench['aCentre'] = async (given) => {
    const centre = await aCallCentre(api, given)
    const elevenLabsAgentId = await ctx.vendors.elevenLabs.createAgent({
      name: 'Front desk',
      prompt: PROMPT,
      firstMessage: GREETING,
      language: 'en',
      voiceId: VOICE_ID,
      maxDurationSeconds: 3_600,
      tags: [],
    })
    await api.database.query(
      'admin',
      'update agents set elevenlabs_agent_id = $2, voice_id = $3, prompt = $4 where id = $1',
      [centre.agentId, elevenLabsAgentId, VOICE_ID, PROMPT],
    )
    await api.database.query(
      'admin',
      'update organizations set announcement_enabled = false where id = $1',
      [centre.organizationId],
    )
    const number = await buyAnyNumber(ctx.vendors.twilio, {
      voiceUrl: `${voiceUrl}/twilio/voice`,
      voiceFallbackUrl: `${voiceUrl}/twilio/fallback`,
      statusCallback: `${voiceUrl}/twilio/status`,
    })
    await api.database.query('admin', 'update phone_numbers set e164 = $2 where id = $1', [
      centre.phoneNumberId,
      number,
    ])
    return { ...centre, number }
  }
  const centre = await aCentre({ balanceCents: options.balanceCents ?? 100_000 })

  return {
    api,
    centre,
    twilio,
    elevenLabs,
    book,
    journal,
    faults,
    gateway,
    notices,
    pending,
    line,
    voiceUrl,
    ownUrl,
    over,
    aCentre,
    async dial(steps, { to = centre.number, from = aCaller() } = {}) {
      const driver = new ScriptedCaller(book, steps)
      const phone = new PhoneCall({ book, driver, onAttached: () => undefined })
      const leg = await twilio.dial({ from, to, party: phone })
      return { leg, phone, script: driver.done }
    },
    async post(where, params, signature) {
      const startedMs = performance.now()
      const genuine = sign(AUTH_TOKEN, `${voiceUrl}${where}`, params)
      const answer = await fetch(`${voiceUrl}${where}`, {
        method: 'POST',
        headers: signature === null ? {} : { 'x-twilio-signature': signature ?? genuine },
        body: new URLSearchParams(params),
      })
      const body = await answer.text()
      return { status: answer.status, body, ms: performance.now() - startedMs }
    },
    async openMedia({ signature } = {}) {
      const url = `${voiceUrl.replace('http', 'ws')}/twilio/media`
      const genuine = sign(AUTH_TOKEN, url)
      return await RawSocket.open(
        url,
        signature === null ? {} : { 'x-twilio-signature': signature ?? genuine },
      )
    },
    async money(of = centre) {
      const [wallet] = await api.database.query<{ balance: number; held: number }>(
        'admin',
        'select balance_cents as balance, held_cents as held from wallets where organization_id = $1',
        [of.organizationId],
      )
      return { balance: Number(wallet?.balance), held: Number(wallet?.held) }
    },
    rows: (text, values = []) => api.database.query('admin', text, values),
    async refused(check) {
      const { values } = await api.metrics.refused.get()
      return values.find(({ labels }) => labels.check === check)?.value ?? 0
    },
    async close() {
      await line.mend()
      await twilio.close()
      await gateway.drain(0)
      gateway.stop()
      await twilioApp.close()
      await ownApp.close()
      await elevenLabs.close()
      await database.close()
      await line.close()
      await api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Any socket of the gateway, as somebody without manners speaks to it. */
export class RawSocket {
  readonly socket: WebSocket
  readonly received: Record<string, unknown>[] = []
  readonly closed: Promise<{ code: number; atMs: number }>
  readonly #waiting = new Set<() => void>()

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)) as Record<string, unknown>)
      for (const look of this.#waiting) look()
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => resolve({ code, atMs: performance.now() }))
    })
  }

  /** Rejects with the status where the upgrade is refused. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = new WebSocket(url, { headers })
    const made = new RawSocket(socket)
    await once(socket, 'open')
    return made
  }

  send(message: object | string | Buffer): void {
    const isRaw = typeof message === 'string' || Buffer.isBuffer(message)
    this.socket.send(isRaw ? message : JSON.stringify(message))
  }

  /** The first message that fits, here already or still to come. */
  async until(
    fits: (message: Record<string, unknown>) => boolean,
    withinMs = 10_000,
  ): Promise<Record<string, unknown>> {
    const known = this.received.find(fits)
    if (known) return known
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
    const look = () => {
      const found = this.received.find(fits)
      if (found) resolve(found)
    }
    const timer = setTimeout(() => {
      const seen = this.received.slice(-5).map((one) => JSON.stringify(one).slice(0, 200))
      reject(new Error(`no such message in ${withinMs} ms; last: ${seen.join(' ')}`))
    }, withinMs)
    this.#waiting.add(look)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  close(): void {
    this.socket.terminate()
  }
}

/** The `start` of a media stream, as Twilio writes it. */
export const startFrame = (over: {
  callSid: string
  organizationId?: string
  callId?: string
  token?: string
  announced?: string
}) => ({
  event: 'start',
  sequenceNumber: '1',
  streamSid: `MZ${'b'.repeat(32)}`,
  start: {
    accountSid: ACCOUNT_SID,
    streamSid: `MZ${'b'.repeat(32)}`,
    callSid: over.callSid,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: {
      organizationId: over.organizationId ?? '',
      callId: over.callId ?? '',
      token: over.token ?? '',
      ...(over.announced !== undefined && { announced: over.announced }),
    },
  },
})

/** What Twilio asks when somebody calls. */
export const voiceParams = (centre: CallCentre, callSid: string, from = aCaller()) => ({
  AccountSid: ACCOUNT_SID,
  ApiVersion: '2010-04-01',
  CallSid: callSid,
  CallStatus: 'ringing',
  Direction: 'inbound',
  From: from,
  To: centre.number,
})

/** The custom parameters in a `<Connect><Stream>` document. */
export function streamParameters(document: string): Record<string, string> {
  const found = document.matchAll(/<Parameter name="([^"]+)" value="([^"]*)"\/>/g)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]))
}

async function openGatewayDatabase(api: TestApi, line: Line): Promise<Database> {
  const through = (url: string) => {
    const changed = new URL(url)
    changed.port = String(line.port)
    return changed.href
  }
  return await openDatabase({
    url: through(api.database.urls.app),
    platformUrl: through(api.database.urls.platform),
    applicationName: 'voice-test',
    log: { warn: () => undefined, error: () => undefined },
  })
}

/** One of the numbers on offer; one that somebody else took between search and purchase is passed over. */
async function buyAnyNumber(twilio: TwilioClient, to: NumberWebhooks): Promise<string> {
  const offered = await twilio.searchNumbers({ country: 'US', limit: 5 })
  for (const { e164 } of offered) {
    try {
      await twilio.buyNumber(e164, to)
      return e164
    } catch (error) {
      if (!(error instanceof VendorError && error.status === 400)) throw error
    }
  }
  throw new Error('Twilio offers no number')
}
