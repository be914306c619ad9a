import { unixSeconds } from '../ids.ts'
import type { Json } from '../json.ts'
import type { Conversation, Turn } from '../store.ts'

const CREDITS_PER_SECOND = 1.7 // near what captured calls show; the product reads it, never knows it
const USD_PER_SECOND = 0.00034
const USD_PER_TOKEN = 0.00000015

/** The GET conversation shape; the post-call webhook carries the same. */
export function detailOf(conversation: Conversation): Json {
  const isOver = conversation.status === 'done' || conversation.status === 'failed'
  return {
    agent_id: conversation.agent_id,
    agent_name: conversation.agent_name,
    status: conversation.status,
    user_id: conversation.user_id,
    branch_id: null,
    version_id: conversation.version_id,
    conversation_product: 'agent',
    environment: 'production',
    conversation_id: conversation.conversation_id,
    has_audio: conversation.has_audio,
    has_user_audio: conversation.has_audio,
    has_response_audio: conversation.has_audio,
    has_auxiliary_audio: false,
    visited_agents: [{ agent_id: conversation.agent_id, branch_id: null }],
    tag_ids: [],
    transcript: conversation.transcript.map(turnView),
    metadata: metadataOf(conversation),
    analysis: isOver ? conversation.analysis : null,
    conversation_initiation_client_data: {
      conversation_config_override: {},
      custom_llm_extra_body: {},
      user_id: conversation.user_id,
      source_info: { source: conversation.source, version: null },
      dynamic_variables: {},
      ...conversation.client_data,
    },
  }
}

export function summaryOf(conversation: Conversation, withSummary: boolean): Json {
  const analysis = conversation.analysis ?? {}
  const tools = conversation.transcript.flatMap((turn) => turn.tool_calls.map((c) => c.tool_name))
  return {
    agent_id: conversation.agent_id,
    agent_name: conversation.agent_name,
    branch_id: null,
    version_id: conversation.version_id,
    conversation_id: conversation.conversation_id,
    start_time_unix_secs: unixSeconds(conversation.startedAtMs),
    call_duration_secs: secondsOf(conversation),
    message_count: conversation.transcript.length,
    status: conversation.status,
    termination_reason: conversation.termination_reason,
    call_successful: analysis.call_successful ?? 'unknown',
    call_success_score: null,
    transcript_summary: withSummary ? (analysis.transcript_summary ?? null) : null,
    call_summary_title: analysis.call_summary_title ?? null,
    main_language: conversation.main_language,
    conversation_initiation_source: conversation.source,
    tool_names: [...new Set(tools)],
    direction: conversation.phone_call?.direction ?? null,
    rating: null,
    tag_ids: [],
  }
}

export function secondsOf(conversation: Conversation): number {
  const isLive = conversation.status === 'in-progress'
  const ms = isLive ? Date.now() - conversation.startedAtMs : conversation.durationMs
  return Math.round(ms / 1_000)
}

function metadataOf(conversation: Conversation): Json {
  const seconds = secondsOf(conversation)
  const { input, output } = conversation.llmTokens
  const isFinal = conversation.status === 'done' || conversation.status === 'failed'
  const callCharge = Math.ceil(seconds * CREDITS_PER_SECOND)
  const llmCharge = Math.ceil((input + output) / 1_000)
  const platformPrice = seconds * USD_PER_SECOND
  const llmPrice = (input + output) * USD_PER_TOKEN
  const none = { tokens: 0, price: 0 }
  const usage = {
    input: { tokens: input, price: input * USD_PER_TOKEN },
    input_cache_read: none,
    input_cache_write: none,
    output_total: { tokens: output, price: output * USD_PER_TOKEN },
  }
  return {
    start_time_unix_secs: unixSeconds(conversation.startedAtMs),
    accepted_time_unix_secs: unixSeconds(conversation.startedAtMs),
    call_duration_secs: seconds,
    queue_wait_secs: null,
    cost: isFinal ? callCharge + llmCharge : null,
    cost_fiat: isFinal ? platformPrice + llmPrice : null,
    deletion_settings: {
      deletion_time_unix_secs: null,
      deleted_logs_at_time_unix_secs: null,
      deleted_audio_at_time_unix_secs: null,
      deleted_transcript_at_time_unix_secs: null,
      delete_transcript_and_pii: false,
      delete_audio: false,
    },
    feedback: {
      type: conversation.feedback ? 'thumbs' : null,
      overall_score: conversation.feedback,
      likes: conversation.feedback === 'like' ? 1 : 0,
      dislikes: conversation.feedback === 'dislike' ? 1 : 0,
      rating: null,
      comment: null,
    },
    authorization_method: conversation.authorization_method,
    charging: {
      dev_discount: false,
      is_burst: false,
      tier: 'creator',
      llm_usage: {
        irreversible_generation: { model_usage: {} },
        initiated_generation: { model_usage: { 'sandbox-retrieval': usage } },
      },
      llm_price: llmPrice,
      llm_charge: llmCharge,
      call_charge: callCharge,
      platform_charge: null,
      platform_price: platformPrice,
      free_minutes_consumed: 0,
      free_llm_dollars_consumed: 0,
    },
    phone_call: conversation.phone_call,
    batch_call: null,
    termination_reason: conversation.termination_reason,
    error: conversation.error,
    warnings: [],
    main_language: conversation.main_language,
    text_only: conversation.text_only,
    conversation_initiation_source: conversation.source,
    timezone: null,
  }
}

function turnView(turn: Turn): Json {
  return {
    ...turn,
    feedback: null,
    llm_override: null,
    conversation_turn_metrics: null,
    rag_retrieval_info: null,
    llm_usage: null,
  }
}
