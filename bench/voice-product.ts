import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { createSigner } from '#api/core/signer.ts'
import {
  aCallCentre,
  aCaller,
  aCallSid,
  type CallCentre,
  setPrice,
} from '#api/domains/calls/testing.ts'
import { type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { sign } from '../sandbox/twilio/signature.ts'
import { freePorts } from '../scripts/ports.ts'
import type { DialledCall } from './voice-types.ts'

const STREAM_SID = `MZ${'a'.repeat(32)}`
const ACCOUNT_SID = `AC${'0'.repeat(32)}`
const AUTH_TOKEN = 'sandbox-twilio-token'
const PLENTY_CENTS = 100_000_000 // for every slice of every call
const DIALLED_AT_ONCE = 8
const WATCHED_SHARE = 10 // one call in ten has a console that watches it
const VIEWERS_PER_USER = 10 // what a gateway lets one person open
const MAX_REFUSALS = 40
const SHED_MS = 250
const READY_MS = 30_000
const POLL_MS = 100
const TICKET_MS = 30_000
const LOST_RECORDS = /^voxcalls_tape_lost_records(?:\{[^}]*\})? (\d+)$/m

/** What a gateway needs around it: a database, the vendors' HTTP side, callers, consoles that watch. */
export class Surroundings {
  readonly #api: TestApi
  readonly #centre: CallCentre
  readonly #vendors: Server
  readonly #folder = mkdtempSync(join(tmpdir(), 'voxcalls-bench-'))
  readonly #viewers: WebSocket[] = []
  readonly #signer: ReturnType<typeof createSigner>
  #dialled = 0
  #watchers: Promise<{ userId: string }>[] = []

  private constructor(api: TestApi, centre: CallCentre, vendors: Server) {
    this.#api = api
    this.#centre = centre
    this.#vendors = vendors
    this.#signer = createSigner(Buffer.alloc(32, 1).toString('base64'))
  }

  static async open(vendorPort: number): Promise<Surroundings> {
    const api = await testApi()
    await setPrice(api)
    const centre = await aCallCentre(api, { balanceCents: PLENTY_CENTS })
    await api.database.query('admin', 'update organizations set announcement_enabled = false')
    const vendors = startVendors(vendorPort)
    await new Promise<void>((resolve) => void vendors.listen(0, '127.0.0.1', resolve))
    return new Surroundings(api, centre, vendors)
  }

  /** The environment of one gateway of its own. */
  async environment(mediaSockets: 'own' | 'library'): Promise<Record<string, string>> {
    const { voice, voice1 } = await freePorts()
    const vendorsUrl = `http://127.0.0.1:${(this.#vendors.address() as AddressInfo).port}`
    const { urls } = this.#api.database
    return testEnvironment({
      DATA_DIR: join(this.#folder, String(voice)),
      DATABASE_URL: urls.app,
      DATABASE_PLATFORM_URL: urls.platform,
      GATEWAY_NAME: `voice-${voice}`,
      VOICE_PORT: String(voice),
      VOICE_OWN_PORT: String(voice1),
      PUBLIC_VOICE_URL: `http://127.0.0.1:${voice}`,
      TWILIO_BASE_URL: vendorsUrl,
      ELEVENLABS_BASE_URL: vendorsUrl,
      MEDIA_SOCKETS: mediaSockets,
      DRAIN_SECONDS: '0',
      TAPE_SPOOL_MB: '8192', // none of its calls ends while it is measured
      LOG_LEVEL: 'error',
    })
  }

  /** Calls that ring at a gateway and are answered with a media stream to be opened. */
  async dial(environment: Record<string, string>, calls: number): Promise<DialledCall[]> {
    const dialled: DialledCall[] = []
    let refusals = 0
    while (dialled.length < calls) {
      const wanted = Math.min(DIALLED_AT_ONCE, calls - dialled.length)
      const answers = Array.from({ length: wanted }, () => this.ring(environment))
      for (const { call, twiml } of await Promise.all(answers)) {
        if (call) dialled.push(call)
        // A gateway that has just started, or shares a busy machine, sheds calls for a second.
        else if (++refusals > MAX_REFUSALS) throw new Error(`calls are refused: ${twiml}`)
        else await sleep(SHED_MS)
      }
    }
    return dialled
  }

  async ring(
    environment: Record<string, string>,
  ): Promise<{ twiml: string; call: DialledCall | undefined }> {
    const url = `${environment.PUBLIC_VOICE_URL}/twilio/voice`
    const callSid = aCallSid()
    const form = {
      CallSid: callSid,
      AccountSid: ACCOUNT_SID,
      From: aCaller(),
      To: this.#centre.number,
      CallStatus: 'ringing',
      Direction: 'inbound',
    }
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-twilio-signature': sign(AUTH_TOKEN, url, form) },
      body: new URLSearchParams(form),
    })
    const twiml = await response.text()
    const parameters = Object.fromEntries(
      [...twiml.matchAll(/<Parameter name="([^"]+)" value="([^"]*)"/g)].map((found) => [
        found[1] ?? '',
        found[2] ?? '',
      ]),
    )
    const { callId } = parameters
    if (callId === undefined) return { twiml, call: undefined }
    const signature = sign(AUTH_TOKEN, `${environment.PUBLIC_VOICE_URL}/twilio/media`)
    return { twiml, call: { callId, signature, startFrame: startOf(callSid, parameters) } }
  }

  /** Opens a console for some of these calls, as many as usually are. */
  async watch(environment: Record<string, string>, calls: readonly DialledCall[]): Promise<void> {
    const watched = calls.filter((_, index) => index % WATCHED_SHARE === 0)
    await Promise.all(watched.map((call) => this.#openConsole(environment, call)))
  }

  async #openConsole(environment: Record<string, string>, { callId }: DialledCall): Promise<void> {
    const url = `ws://127.0.0.1:${environment.VOICE_OWN_PORT}/live?ticket=${await this.#ticket(callId)}`
    const viewer = new WebSocket(url, { origin: environment.PUBLIC_WEB_URL })
    await new Promise((resolve, reject) => {
      viewer.once('message', resolve)
      viewer.once('error', reject)
      viewer.once('close', (code) => reject(new Error(`a console was refused with ${code}`)))
    })
    viewer.on('error', () => viewer.terminate())
    this.#viewers.push(viewer)
  }

  /** Calls whose lease is kept: a gateway that renews none does less than it does for customers. */
  async keptLeases(): Promise<number> {
    const [row] = await this.#api.database.query<{ count: string }>(
      'admin',
      "select count(*) from call_leases where heartbeat_at > now() - interval '10 seconds' and closed_at is null",
    )
    return Number(row?.count)
  }

  async close(): Promise<void> {
    for (const viewer of this.#viewers) viewer.terminate()
    await this.#api.close()
    this.#vendors.closeAllConnections()
    await new Promise((resolve) => void this.#vendors.close(resolve))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #ticket(callId: string): Promise<string> {
    const { organizationId } = this.#centre
    const index = Math.floor(this.#dialled++ / VIEWERS_PER_USER)
    this.#watchers[index] ??= this.#api.aPerson({ organizationId, role: 'admin' })
    const { userId } = await this.#watchers[index]
    const body = {
      organizationId,
      callId,
      userId,
      showsCost: true,
      nonce: randomUUID(),
      expiresAt: Date.now() + TICKET_MS,
    }
    const text = Buffer.from(JSON.stringify(body)).toString('base64url')
    return `${text}.${this.#signer.sign('live-ticket', text)}`
  }
}

/** Until the gateway serves. */
export async function ready(environment: Record<string, string>): Promise<void> {
  const until = performance.now() + READY_MS
  for (;;) {
    const probe = await fetch(`http://127.0.0.1:${environment.VOICE_OWN_PORT}/readyz`).catch(
      () => undefined,
    )
    if (probe?.ok) return
    if (performance.now() > until) throw new Error('the gateway did not come up')
    await sleep(POLL_MS)
  }
}

/** Tape records that a gateway found no room for. */
export async function lostRecords(environment: Record<string, string>): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${environment.VOICE_OWN_PORT}/metrics`)
  const value = (await response.text()).match(LOST_RECORDS)?.[1]
  if (value === undefined) throw new Error(`no metric of the tape, answered ${response.status}`)
  return Number(value)
}

/** The vendors' HTTP side: a door to the agent, a voice, a carrier that agrees to everything. */
function startVendors(vendorPort: number): Server {
  return createServer((request, response) => {
    if (request.url?.includes('text-to-speech')) {
      // Of a length that leaves no piece as long as an agent's chunk.
      response.end(Buffer.alloc(8_400, 0x31))
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ signed_url: `ws://127.0.0.1:${vendorPort}/agent` }))
  })
}

const startOf = (callSid: string, customParameters: Record<string, string>): string =>
  JSON.stringify({
    event: 'start',
    sequenceNumber: '1',
    start: {
      accountSid: ACCOUNT_SID,
      streamSid: STREAM_SID,
      callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
      customParameters,
    },
    streamSid: STREAM_SID,
  })
