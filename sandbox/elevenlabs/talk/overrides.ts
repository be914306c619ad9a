import { isObject, type Json, merged, read, readObject, readText } from '../json.ts'
import { placeholdersOf } from './template.ts'

/** Why a conversation cannot start, as the socket says it. */
export type Refusal = { code: number; errorType: string; message: string }

/** The first path that the agent's settings do not let a client override. */
export function forbiddenOverride(platform: Json, initiation: Json): Refusal | undefined {
  const allowed = readObject(platform, 'overrides', 'conversation_config_override')
  const wanted = readObject(initiation, 'conversation_config_override')
  for (const path of leaves(wanted))
    if (read(allowed, ...path) !== true)
      return refusal(
        'override_error',
        `Override for field '${path.join('.')}' is not allowed by config.`,
      )
  const extra = readObject(initiation, 'custom_llm_extra_body')
  if (
    Object.keys(extra).length > 0 &&
    read(platform, 'overrides', 'custom_llm_extra_body') !== true
  )
    return refusal(
      'override_error',
      "Override for field 'custom_llm_extra_body' is not allowed by config.",
    )
  return undefined
}

export function withOverrides(config: Json, initiation: Json): Json {
  return merged(config, readObject(initiation, 'conversation_config_override'))
}

export function missingVariable(config: Json, variables: Json): Refusal | undefined {
  const texts = [
    readText(config, 'agent', 'prompt', 'prompt'),
    readText(config, 'agent', 'first_message'),
  ]
  const missing = texts.flatMap(placeholdersOf).filter((name) => !(name in variables))
  if (missing.length === 0) return undefined
  const names = [...new Set(missing)].map((name) => `'${name}'`).join(', ')
  return refusal('missing_dynamic_variable', `Missing required dynamic variables: {${names}}`)
}

function refusal(errorType: string, message: string): Refusal {
  return { code: 1008, errorType, message }
}

/** Lists count as one leaf, null as no wish at all. */
function leaves(value: Json, path: string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, child]) => {
    if (child === null || child === undefined) return []
    return isObject(child) ? leaves(child, [...path, key]) : [[...path, key]]
  })
}
