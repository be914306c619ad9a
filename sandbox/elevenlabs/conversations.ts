import { newId } from './ids.ts'
import type { Json } from './json.ts'
import type { Agent, Conversation } from './store.ts'
import type { World } from './world.ts'

/** Opens the record of a conversation; a registered one is taken up again under its id. */
export function startConversation(
  world: World,
  agent: Agent,
  about: {
    conversationId: string | undefined
    authorization: string
    source: string
    phoneCall: Json | null
  },
): Conversation {
  const conversation: Conversation = {
    conversation_id: about.conversationId ?? newConversationId(),
    agent_id: agent.agent_id,
    agent_name: agent.name,
    version_id: agent.version_id,
    status: 'initiated',
    user_id: null,
    startedAtMs: Date.now(),
    durationMs: 0,
    has_audio: false,
    termination_reason: '',
    error: null,
    authorization_method: about.authorization,
    source: about.source,
    phone_call: about.phoneCall,
    text_only: false,
    main_language: 'en',
    client_data: {},
    transcript: [],
    llmTokens: { input: 0, output: 0 },
    analysis: null,
    feedback: null,
  }
  world.store.conversations.set(conversation.conversation_id, conversation)
  world.store.changed()
  return conversation
}

export function newConversationId(): string {
  return newId('conv_')
}
