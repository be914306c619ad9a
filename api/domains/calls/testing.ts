import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { TestApi } from '#api/testing.ts'
import { admitInboundCall, claimStream, type RunningCall } from './service.ts'

/** The shortest slice a wallet that runs out may still pay, as the settings have it from the start. */
export const MINIMUM_SECONDS = 10

export type CallCentre = {
  organizationId: string
  agentId: string
  phoneNumberId: string
  number: string
  twilioAccountSid: string
}

export const TEST_PRICE_CENTS = 3_600 // an hour: a cent a second, so that sums can be read

/** An organization whose number an agent answers, with money in its wallet. */
export async function aCallCentre(
  api: TestApi,
  options: { balanceCents?: number; lines?: number; status?: 'active' | 'paused' } = {},
): Promise<CallCentre> {
  const { database } = api
  const organizationId = await database.anOrganization({
    balanceCents: options.balanceCents ?? 100_000,
  })
  const agentId = randomUUIDv7()
  const phoneNumberId = randomUUIDv7()
  const number = `+1500555${randomBytes(3).readUIntBE(0, 3) % 10_000_000}`.slice(0, 15)
  const twilioAccountSid = `AC${'0'.repeat(32)}`
  const run = (text: string, values: unknown[]) =>
    database.query('admin', text, values, organizationId)
  await run(
    `insert into agents (organization_id, id, name, prompt, first_message, voice_id, elevenlabs_agent_id, sync_state)
     values ($1, $2, 'Front desk', 'We are open.', 'Hello.', 'voice-1', $3, 'in_sync')`,
    [organizationId, agentId, `agent_${agentId}`],
  )
  await run(
    `insert into phone_numbers (organization_id, id, e164, agent_id, twilio_account_sid, max_concurrent_calls)
     values ($1, $2, $3, $4, $5, $6)`,
    [organizationId, phoneNumberId, number, agentId, twilioAccountSid, options.lines ?? 1_000],
  )
  await run('update organizations set status = $2, max_concurrent_calls = 1000 where id = $1', [
    organizationId,
    options.status ?? 'active',
  ])
  return { organizationId, agentId, phoneNumberId, number, twilioAccountSid }
}

/** The price every call of a test file is held at. */
export async function setPrice(api: TestApi, pricePerHourCents = TEST_PRICE_CENTS): Promise<void> {
  await api.database.query(
    'admin',
    `insert into prices (id, price_per_hour_cents, effective_from, reason)
     values ($1, $2, now() - interval '1 hour', 'test')`,
    [randomUUIDv7(), pricePerHourCents],
  )
}

export const aCallSid = (): string => `CA${randomBytes(16).toString('hex')}`
let callers = 0
export const aCaller = (): string => `+1501${String(5_550_000 + callers++)}`

/** A call that rang at the centre and was admitted. */
export async function aRingingCall(
  api: TestApi,
  centre: CallCentre,
  asked: { from?: string; twilioCallSid?: string } = {},
) {
  const twilioCallSid = asked.twilioCallSid ?? aCallSid()
  const admission = await admitInboundCall(api.ctx, {
    from: asked.from ?? aCaller(),
    to: centre.number,
    twilioCallSid,
    twilioAccountSid: centre.twilioAccountSid,
  })
  return { ...admission, twilioCallSid }
}

type Ringing = {
  organizationId: string
  callId: string
  streamToken: string
  twilioCallSid: string
}

/** A gateway takes the call's stream. */
export const takeStream = (api: TestApi, ringing: Ringing, owner = 'gateway-a') =>
  claimStream(api.ctx, {
    organizationId: ringing.organizationId,
    callId: ringing.callId,
    token: ringing.streamToken,
    twilioCallSid: ringing.twilioCallSid,
    owner,
    address: `ws://${owner}`,
  })

/** A call that rang at the centre and whose stream a gateway has taken. */
export async function aLiveCall(
  api: TestApi,
  centre: CallCentre,
): Promise<RunningCall & { twilioCallSid: string }> {
  const ringing = await aRingingCall(api, centre)
  const call = await takeStream(api, ringing)
  if (typeof call === 'string') throw new Error(call)
  return { ...call, twilioCallSid: ringing.twilioCallSid }
}
