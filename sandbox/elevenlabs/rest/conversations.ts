import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { detailOf, secondsOf, summaryOf } from '../after/detail.ts'
import { mp3OfRecording } from '../after/mp3.ts'
import { finishProcessing } from '../after/post-call.ts'
import { newConversationId } from '../conversations.ts'
import { unixSeconds } from '../ids.ts'
import { flag, pageOf, pageQuery, repeated } from '../paging.ts'
import { badRequest, notFound, parse } from '../problems.ts'
import { type Conversation, statuses } from '../store.ts'
import { SOCKET_PATH } from '../talk/socket.ts'
import type { World } from '../world.ts'
import { getAgent } from './agents.ts'

const unix = z.coerce.number().int().optional()
const listQuery = z.looseObject({
  ...pageQuery,
  agent_id: z.string().optional(),
  user_id: z.string().optional(),
  call_start_after_unix: unix,
  call_start_before_unix: unix,
  call_duration_min_secs: unix,
  call_duration_max_secs: unix,
  call_successful: z.enum(['success', 'failure', 'unknown', 'error']).optional(),
  summary_mode: z.enum(['exclude', 'include']).default('exclude'),
  exclude_statuses: repeated.pipe(z.array(z.enum(statuses))).optional(),
  termination_reasons: repeated.optional(),
  tool_names: repeated.optional(),
  search: z.string().optional(),
  text_only: flag.optional(),
  sort_direction: z.enum(['asc', 'desc']).default('desc'),
})
const signedUrlQuery = z.looseObject({
  agent_id: z.string(),
  include_conversation_id: flag.default(false),
})
const feedbackBody = z.looseObject({ feedback: z.enum(['like', 'dislike']).nullable() })

type ById = { Params: { conversationId: string } }

export function conversationRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.get('/v1/convai/conversation/get-signed-url', async (request) => {
    const query = parse(signedUrlQuery, request.query, 'query')
    const agent = getAgent(world, query.agent_id)
    const conversationId = query.include_conversation_id ? newConversationId() : undefined
    const url = new URL(SOCKET_PATH, world.url.replace(/^http/, 'ws'))
    url.searchParams.set('agent_id', agent.agent_id)
    if (conversationId) url.searchParams.set('conversation_id', conversationId)
    url.searchParams.set(
      'conversation_signature',
      world.signedUrls.issue(agent.agent_id, conversationId),
    )
    return { signed_url: url.href }
  })

  app.get('/v1/convai/analytics/live-count', async (request) => {
    const query = parse(z.looseObject({ agent_ids: repeated.optional() }), request.query, 'query')
    const live = [...world.live.values()].map((session) => session.conversation.agent_id)
    return { count: live.filter((id) => query.agent_ids?.includes(id) ?? true).length }
  })

  app.get('/v1/convai/conversations', async (request) => {
    const query = parse(listQuery, request.query, 'query')
    const page = pageOf(select(world, query), (c) => c.conversation_id, query)
    return {
      conversations: page.items.map((c) => summaryOf(c, query.summary_mode === 'include')),
      next_cursor: page.next_cursor,
      has_more: page.has_more,
    }
  })

  app.get<ById>('/v1/convai/conversations/:conversationId', async (request) =>
    detailOf(getConversation(world, request.params.conversationId)),
  )

  app.get<ById>('/v1/convai/conversations/:conversationId/summary', async (request) => {
    const found = getConversation(world, request.params.conversationId)
    return {
      conversation_id: found.conversation_id,
      agent_id: found.agent_id,
      status: found.status,
      message_count: found.transcript.length,
      note: '',
      messages: found.transcript.map(({ role, message }) => ({ role, message })),
    }
  })

  app.get<ById>('/v1/convai/conversations/:conversationId/audio', async (request, reply) => {
    const { conversation_id, has_audio } = getConversation(world, request.params.conversationId)
    const recording = has_audio ? store.audio(conversation_id) : undefined
    if (!recording) throw notFound('Audio of conversation', conversation_id)
    return reply.type('audio/mpeg').send(await mp3OfRecording(recording))
  })

  app.delete<ById>('/v1/convai/conversations/:conversationId', async (request, reply) => {
    const { conversation_id } = getConversation(world, request.params.conversationId)
    if (world.live.has(conversation_id))
      throw badRequest('conversation_in_progress', 'A live conversation cannot be deleted.')
    store.forgetConversation(conversation_id)
    store.changed()
    return reply.type('application/json').send('null')
  })

  app.post<ById>('/v1/convai/conversations/:conversationId/feedback', async (request, reply) => {
    const found = getConversation(world, request.params.conversationId)
    found.feedback = parse(feedbackBody, request.body, 'body').feedback
    store.changed()
    return reply.type('application/json').send('{}')
  })

  app.post<ById>('/v1/convai/conversations/:conversationId/analysis/run', async (request) => {
    const found = getConversation(world, request.params.conversationId)
    finishProcessing(world, found)
    return detailOf(found)
  })
}

function getConversation(world: World, id: string): Conversation {
  const conversation = world.store.conversations.get(id)
  if (!conversation) throw notFound('Conversation', id)
  return conversation
}

/** Newest first; those that began in the same millisecond keep the order they were opened in. */
function select(world: World, query: z.output<typeof listQuery>): Conversation[] {
  const wanted = query.search?.toLowerCase()
  const found = [...world.store.conversations.values()].filter((c) => {
    const startedAt = unixSeconds(c.startedAtMs)
    const seconds = secondsOf(c)
    return (
      (query.agent_id === undefined || c.agent_id === query.agent_id) &&
      (query.user_id === undefined || c.user_id === query.user_id) &&
      startedAt > (query.call_start_after_unix ?? Number.NEGATIVE_INFINITY) - 1 &&
      startedAt < (query.call_start_before_unix ?? Number.POSITIVE_INFINITY) + 1 &&
      seconds >= (query.call_duration_min_secs ?? 0) &&
      seconds <= (query.call_duration_max_secs ?? Number.POSITIVE_INFINITY) &&
      (query.call_successful === undefined ||
        (c.analysis?.call_successful ?? 'unknown') === query.call_successful) &&
      !query.exclude_statuses?.includes(c.status) &&
      (query.termination_reasons?.includes(c.termination_reason) ?? true) &&
      (query.text_only === undefined || c.text_only === query.text_only) &&
      (query.tool_names === undefined || usesTool(c, query.tool_names)) &&
      (wanted === undefined || c.transcript.some((t) => t.message?.toLowerCase().includes(wanted)))
    )
  })
  found.sort((a, b) => a.startedAtMs - b.startedAtMs)
  return query.sort_direction === 'desc' ? found.reverse() : found
}

function usesTool(conversation: Conversation, names: string[]): boolean {
  return conversation.transcript.some((turn) =>
    turn.tool_calls.some((call) => names.includes(String(call.tool_name))),
  )
}
