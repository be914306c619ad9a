import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import type { Conversation } from '#api/core/vendors.ts'
import { findRouteByNumber, type NumberRoute } from '#api/domains/phone-numbers/service.ts'
import {
  currentPrice,
  holdSlice,
  isInsufficient,
  tellExhausted,
} from '#api/domains/wallet/service.ts'
import * as carriedCalls from './carried-queries.ts'
import { endCarried } from './end.ts'
import { reconcileCallJob } from './jobs.ts'
import { findAgentOfCall, findCallOfConversation } from './live.ts'
import * as queries from './queries.ts'

const LOOK_BACK_MS = 2 * 3_600_000
const PAGE = 100
const MAX_PAGES = 20

type PhoneConversation = Conversation & { phoneCall: NonNullable<Conversation['phoneCall']> }
export type TakenIn = 'known' | 'linked' | 'taken in' | 'not ours'

/**
 * A conversation that we were not told the id of finds its call by the carrier's. One of a native number that nobody
 * asked us about becomes a call after all: charged for as long as the wallet affords, and never more.
 */
export async function takeInConversation(ctx: Context, conversationId: string): Promise<TakenIn> {
  if (await findCallOfConversation(ctx, conversationId)) return 'known'
  const conversation = await ctx.vendors.elevenLabs.fetchConversation(conversationId)
  if (!conversation) return 'not ours'
  if (conversation.status !== 'done' && conversation.status !== 'failed')
    throw new VendorError('elevenlabs', 'conversations.get', { retryable: true })
  const { phoneCall } = conversation
  if (!phoneCall) return 'not ours'
  const call = await asPlatform(ctx, (tx) =>
    queries.findCallByTwilioSid(tx.db, phoneCall.twilioCallSid),
  )
  if (call) return await link(ctx, call, conversation)
  return await takeIn(ctx, { ...conversation, phoneCall })
}

/** Conversations of native numbers that no call of ours knows: what webhooks did not tell (THREATS F15). */
export async function listUnknownConversations(ctx: Context): Promise<string[]> {
  const agents = await asPlatform(ctx, (tx) => carriedCalls.listNativeAgents(tx.db))
  if (agents.length === 0) return []
  const startedAfter = new Date(ctx.now().getTime() - LOOK_BACK_MS)
  const found: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, nextCursor } = await ctx.vendors.elevenLabs.listConversations({
      startedAfter,
      pageSize: PAGE,
      ...(cursor !== undefined && { cursor }),
    })
    const over = items.filter(
      ({ elevenLabsAgentId, status }) =>
        agents.includes(elevenLabsAgentId) && (status === 'done' || status === 'failed'),
    )
    found.push(...over.map((one) => one.conversationId))
    if (nextCursor === null) break
    cursor = nextCursor
  }
  const known = await asPlatform(ctx, (tx) => carriedCalls.listKnownConversations(tx.db, found))
  return found.filter((id) => !known.has(id))
}

async function link(
  ctx: Context,
  call: queries.CallRow,
  { conversationId, elevenLabsAgentId }: Conversation,
): Promise<TakenIn> {
  // Of a call that we carry, or of another agent, a conversation changes nothing (THREATS T14).
  if (call.route === 'gateway' || call.elevenLabsConversationId) return 'not ours'
  if ((await findAgentOfCall(ctx, call.id)) !== elevenLabsAgentId) return 'not ours'
  const { organizationId, id: callId } = call
  await inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    await queries.updateCall(tx.db, organizationId, callId, {
      elevenLabsConversationId: conversationId,
    })
    await tx.enqueue(reconcileCallJob, { organizationId, callId })
  })
  return 'linked'
}

async function takeIn(ctx: Context, conversation: PhoneConversation): Promise<TakenIn> {
  const { phoneCall, conversationId, elevenLabsAgentId } = conversation
  const route = await findRouteByNumber(ctx, phoneCall.agentNumber)
  if (route?.route !== 'native' || phoneCall.direction !== 'inbound') return 'not ours'
  const own = forOrganization(ctx, route.organizationId)
  const agent = await read(own, async (db) =>
    route.agentId ? carriedCalls.findElevenLabsAgent(db, tenantOf(own), route.agentId) : undefined,
  )
  if (agent !== elevenLabsAgentId) return 'not ours'
  ctx.log.warn({ alert: 'call.not_admitted', conversationId }, 'a native call was not asked for')
  try {
    await charge(own, route, conversation)
  } catch (error) {
    if (!isInsufficient(error)) throw error
    await recordUnpaid(own, route, conversation)
    await tellExhausted(own)
  }
  return 'taken in'
}

function charge(own: Context, route: NumberRoute, conversation: PhoneConversation): Promise<void> {
  return inTransaction(own, async (tx) => {
    const organizationId = tenantOf(tx)
    const callId = randomUUIDv7()
    const seconds = Math.max(1, Math.ceil(conversation.durationSeconds))
    const price = await currentPrice(tx, conversation.startedAt, 'agent')
    const { pricePerHourCents } = price
    const part = { callId, slice: 1, totalSeconds: seconds, minimumSeconds: 1 }
    await holdSlice(tx, { ...part, ...price })
    const inserted = await queries.insertCall(tx.db, {
      ...rowOf(route, conversation),
      id: callId,
      pricePerHourCents,
    })
    if (!inserted) throw new Error('the conversation was taken in meanwhile')
    const step = (set: Parameters<typeof queries.updateCall>[3]) =>
      queries.updateCall(tx.db, organizationId, callId, set)
    await step({ state: 'authorized', reason: 'funds_held' })
    const live = await step({ state: 'live', reason: 'conversation_found' })
    if (live) await endCarried(tx, live, seconds)
  })
}

/** Nothing is left to charge: the call is on record all the same. */
function recordUnpaid(
  own: Context,
  route: NumberRoute,
  conversation: PhoneConversation,
): Promise<void> {
  return inTransaction(own, async (tx) => {
    const organizationId = tenantOf(tx)
    const id = randomUUIDv7()
    if (!(await queries.insertCall(tx.db, { ...rowOf(route, conversation), id }))) return
    const refused = { state: 'refused', reason: 'wallet.insufficient_balance' } as const
    await queries.updateCall(tx.db, organizationId, id, {
      ...refused,
      billingStatus: 'blocked',
      costCents: 0,
    })
    await queries.updateCall(tx.db, organizationId, id, { state: 'settled', billableSeconds: 0 })
  })
}

const rowOf = (route: NumberRoute, { phoneCall, conversationId, startedAt }: PhoneConversation) =>
  ({
    organizationId: route.organizationId,
    kind: 'agent',
    route: 'native',
    direction: 'inbound',
    fromNumber: phoneCall.externalNumber,
    toNumber: phoneCall.agentNumber,
    phoneNumberId: route.phoneNumberId,
    agentId: route.agentId,
    twilioAccountSid: route.twilioAccountSid,
    twilioCallSid: phoneCall.twilioCallSid,
    elevenLabsConversationId: conversationId,
    createdAt: startedAt,
  }) as const
