import { type Json, readList, readObject, readText } from '../json.ts'
import type { Conversation, Store } from '../store.ts'
import type { Knowledge } from './brain.ts'
import { fill } from './template.ts'

/** Placeholders, what the client gave, and what the system knows. The later wins. */
export function variablesOf(config: Json, initiation: Json, conversation: Conversation): Json {
  const phone = conversation.phone_call
  return {
    ...readObject(config, 'agent', 'dynamic_variables', 'dynamic_variable_placeholders'),
    ...readObject(initiation, 'dynamic_variables'),
    system__agent_id: conversation.agent_id,
    system__current_agent_id: conversation.agent_id,
    system__conversation_id: conversation.conversation_id,
    system__time_utc: new Date(conversation.startedAtMs).toISOString(),
    system__call_duration_secs: 0,
    ...(phone
      ? {
          system__caller_id: phone.external_number,
          system__called_number: phone.agent_number,
          system__call_sid: phone.call_sid,
        }
      : {}),
  }
}

/** All that the agent was given to know. */
export function knowledgeOf(config: Json, variables: Json, store: Store): Knowledge {
  const ids = readList(config, 'agent', 'prompt', 'knowledge_base').map((e) => readText(e, 'id'))
  return {
    prompt: fill(readText(config, 'agent', 'prompt', 'prompt'), variables),
    documents: ids.flatMap((id) => store.documents.get(id)?.text ?? []),
    variables,
  }
}
