import { isObject, type Json, read, readList, readObject, readText } from '../json.ts'
import type { Agent, Conversation } from '../store.ts'
import { lines } from '../talk/brain.ts'
import { Index, QUESTION_SHARE } from '../talk/retrieval.ts'
import { sentencesOf } from '../talk/words.ts'

const MAX_QUOTED_TURNS = 3 // a summary is a few sentences

/** What the service's model would say of the call, from the transcript alone. */
export function analyse(conversation: Conversation, agent: Agent | undefined): Json {
  const said = conversation.transcript.flatMap(({ role, message }) =>
    message ? [{ role, message }] : [],
  )
  const asked = said.filter(({ role }) => role === 'user')
  const unanswered = said.filter(({ message }) => message === lines.unknown).length
  const platform = agent?.platform_settings ?? {}
  const everything = new Index(said.flatMap(({ message }) => sentencesOf(message)))
  const fromCaller = new Index(asked.flatMap(({ message }) => sentencesOf(message)))
  const criteria = readList(platform, 'evaluation', 'criteria').filter(isObject)
  const results = criteria.map((criterion) => judge(criterion, everything, asked.length > 0))
  const collected = Object.entries(readObject(platform, 'data_collection')).map(([id, schema]) =>
    collect(id, schema, fromCaller),
  )
  return {
    call_successful: verdict(asked.length, unanswered, results),
    call_success_score: null,
    transcript_summary: summary(
      conversation,
      asked.map(({ message }) => message),
    ),
    call_summary_title: asked[0] ? title(asked[0].message) : 'No words from the caller',
    evaluation_criteria_results: Object.fromEntries(results.map((r) => [r.criteria_id, r])),
    evaluation_criteria_results_list: results,
    data_collection_results: Object.fromEntries(collected.map((c) => [c.data_collection_id, c])),
    data_collection_results_list: collected,
  }
}

type Judgement = { criteria_id: string; result: string; rationale: string }

function verdict(asked: number, unanswered: number, results: Judgement[]): string {
  if (asked === 0) return 'unknown'
  if (results.some(({ result }) => result === 'failure')) return 'failure'
  return unanswered * 2 > asked ? 'failure' : 'success'
}

function judge(criterion: Json, everything: Index, wasSpoken: boolean): Judgement {
  const criteria_id = readText(criterion, 'id')
  if (!wasSpoken) return { criteria_id, result: 'unknown', rationale: 'The caller said nothing.' }
  const proof = everything.best(readText(criterion, 'conversation_goal_prompt'), QUESTION_SHARE)
  return proof
    ? { criteria_id, result: 'success', rationale: `It was said: "${proof.text}"` }
    : { criteria_id, result: 'failure', rationale: 'Nothing that was said speaks of it.' }
}

function collect(id: string, schema: unknown, fromCaller: Index) {
  const found =
    fromCaller.best(id.replaceAll('_', ' '), QUESTION_SHARE) ??
    fromCaller.best(readText(schema, 'description'), QUESTION_SHARE)
  return {
    data_collection_id: id,
    value: found ? typed(found.text, read(schema, 'type')) : null,
    json_schema: isObject(schema) ? schema : {},
    rationale: found ? `The caller said: "${found.text}"` : 'not mentioned',
  }
}

function typed(text: string, type: unknown): unknown {
  if (type === 'boolean') return !/\b(?:no|not|never)\b/i.test(text)
  if (type !== 'number' && type !== 'integer') return text
  const number = /-?\d+(?:\.\d+)?/.exec(text)?.[0]
  return number === undefined ? null : Number(number)
}

function summary(conversation: Conversation, asked: string[]): string {
  const seconds = Math.round(conversation.durationMs / 1_000)
  if (asked.length === 0) return `A call of ${seconds} seconds in which the caller said nothing.`
  const quoted = asked.slice(0, MAX_QUOTED_TURNS).map((text) => `"${text}"`)
  return `A call of ${seconds} seconds. The caller said ${quoted.join(', ')}.`
}

function title(text: string): string {
  return text.split(/\s+/).slice(0, 8).join(' ')
}
