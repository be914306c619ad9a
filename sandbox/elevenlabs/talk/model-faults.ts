import type { FaultAction } from '../../kit/faults.ts'
import type { World } from '../world.ts'
import type { Reply } from './brain.ts'

const LLM_TIMEOUT_MS = 20_000 // the service gives a model this long, then ends with `llm_timeout`

export type Thinking = { afterMs: number; reply: Reply | 'llm_timeout' | 'llm_error' }

/**
 * A model that is slow, silent, broken or hostile: request rules with the method MODEL. `latency` thinks
 * longer, `hang` never answers, `status` with a text body says that text, without one fails.
 */
export function thinking(world: World, reply: () => Reply): Thinking {
  // Rules without a method are meant for the REST API and stay untouched.
  const isMeant = world.faults.list().some((rule) => rule.method?.toUpperCase() === 'MODEL')
  const action = isMeant && world.faults.take('elevenlabs', 'request', 'MODEL', '/model/reply')
  return action ? harmed(action, reply) : { afterMs: 0, reply: reply() }
}

function harmed(action: FaultAction, reply: () => Reply): Thinking {
  switch (action.type) {
    case 'latency':
    case 'delay':
      return action.ms < LLM_TIMEOUT_MS
        ? { afterMs: action.ms, reply: reply() }
        : { afterMs: LLM_TIMEOUT_MS, reply: 'llm_timeout' }
    case 'status':
      return {
        afterMs: 0,
        reply:
          typeof action.body === 'string' && action.body
            ? { say: action.body, wantsToEnd: false, isAnswered: true }
            : 'llm_error',
      }
    case 'hang':
    case 'lose':
      return { afterMs: LLM_TIMEOUT_MS, reply: 'llm_timeout' }
    default:
      return { afterMs: 0, reply: 'llm_error' }
  }
}
