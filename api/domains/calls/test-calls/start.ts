import { randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf, userIdOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { pushDraft } from '#api/domains/agents/service.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import {
  currentPrice,
  holdSlice,
  isInsufficient,
  tellExhausted,
} from '#api/domains/wallet/service.ts'
import { freshToken, streamToken } from '../admit.ts'
import type * as contract from '../contract.ts'
import * as errors from '../errors.ts'
import * as calls from '../queries.ts'
import * as timeline from '../timeline-queries.ts'
import * as queries from './queries.ts'

type Started = Answer<typeof contract.startTestCall>
type Asked = {
  callId: string
  agentId: string
  by: Received<typeof contract.startTestCall>['body']['by']
  /** The run of an agent's test that is its caller, and who asked for that run. */
  testRun?: { runId: string; userId: string | null }
}

// A test call has no phone number at either end.
const FROM = 'browser'
const TO = 'draft'

/** The id under which a test call is started, however often its client asks. */
export const claimTestCall = async (): Promise<{ callId: string }> => ({ callId: randomUUIDv7() })

/**
 * Admits a call to an agent's draft, in the order of THREATS 11. Its caller is the browser, which opens a media
 * socket at the gateway with the token, or the run of a test that does as a browser does. A refusal costs nothing,
 * leaves no hold and no call.
 */
export async function startTestCall(
  ctx: Context,
  asked: Asked,
  { publicVoiceUrl }: { publicVoiceUrl: string },
): Promise<Started> {
  const organizationId = tenantOf(ctx)
  const known = await read(ctx, async (db) => {
    const facts = await queries.findFacts(db, organizationId, asked.agentId)
    // Told before anything is asked of ElevenLabs; what decides is asked once more below.
    refuse(facts)
    return await calls.findCall(db, organizationId, asked.callId)
  })
  const call = known ?? (await admit(ctx, asked))
  if (call.state !== 'authorized' || !call.streamTokenExpiresAt) throw errors.callNotRunning()
  return {
    organizationId,
    callId: call.id,
    mediaUrl: `${publicVoiceUrl.replace(/^http/, 'ws')}/test-media`,
    streamToken: streamToken(ctx, call.id, call.resumes),
    expiresAt: call.streamTokenExpiresAt,
  }
}

async function admit(ctx: Context, asked: Asked): Promise<calls.CallRow> {
  const settings = await currentSettings(ctx)
  await pushDraft(ctx, asked.agentId)
  try {
    return await inTransaction(ctx, (tx) => admitOnce(tx, asked, settings))
  } catch (error) {
    if (isInsufficient(error)) await tellExhausted(ctx)
    throw error
  }
}

async function admitOnce(
  tx: Tx,
  { callId, agentId, by, testRun }: Asked,
  settings: Awaited<ReturnType<typeof currentSettings>>,
): Promise<calls.CallRow> {
  const organizationId = tenantOf(tx)
  await calls.lockAdmissions(tx.db, organizationId)
  // Asked twice at once: the other one has admitted it.
  const known = await calls.findCall(tx.db, organizationId, callId)
  if (known) return known
  refuse(await queries.findFacts(tx.db, organizationId, agentId))

  const price = await currentPrice(tx, tx.now(), 'test')
  await holdSlice(tx, {
    callId,
    pricePerHourCents: price.pricePerHourCents,
    priceId: price.priceId,
    slice: 1,
    totalSeconds: settings.sliceSeconds,
    minimumSeconds: settings.minimumSliceSeconds,
  })
  await calls.insertCall(tx.db, {
    organizationId,
    id: callId,
    kind: 'test',
    direction: 'inbound',
    fromNumber: FROM,
    toNumber: TO,
    agentId,
    userId: testRun ? testRun.userId : userIdOf(tx),
    pricePerHourCents: price.pricePerHourCents,
  })
  const note = { organizationId, id: randomUUIDv7(), callId, at: tx.now() }
  const origin = testRun && { testRunId: testRun.runId }
  await timeline.insertCallEvents(tx.db, [{ ...note, kind: 'test.asked', data: { by, ...origin } }])
  const admitted = await calls.updateCall(tx.db, organizationId, callId, {
    state: 'authorized',
    reason: 'funds_held',
    ...freshToken(streamToken(tx, callId, 0)),
  })
  // Last of all: a slot's row may be waited for by others, so nothing is waited for once it is ours.
  if (!admitted || !(await calls.takeSlot(tx.db, callId, settings.platformMaxConcurrentCalls)))
    throw errors.platformBusy()
  return admitted
}

function refuse(facts: Awaited<ReturnType<typeof queries.findFacts>>): void {
  if (!facts) throw notFound('agent')
  if (facts.organizationStatus !== 'active') throw errors.organizationNotActive()
  if (facts.running >= facts.organizationLimit) throw errors.organizationBusy()
}
