import {
  isObject,
  type Json,
  merged,
  read,
  readList,
  readNumber,
  readObject,
  readText,
  readTexts,
} from '../json.ts'
import type { Store } from '../store.ts'
import { stem } from './words.ts'

export type ToolCall = { name: string; type: 'client' | 'webhook'; config: Json; parameters: Json }

const DEFAULT_TIMEOUT_SECONDS = 20 // the service's own for a tool that names none
const MAX_RESULT_CHARACTERS = 4_000

/** Does the agent hang up by itself? */
export function canEndCall(config: Json): boolean {
  const prompt = readObject(config, 'agent', 'prompt')
  if (isObject(read(prompt, 'built_in_tools', 'end_call'))) return true
  return readList(prompt, 'tools').some(
    (tool) => read(tool, 'type') === 'system' && read(tool, 'name') === 'end_call',
  )
}

/** The client and webhook tools of an agent, inline ones and those attached by id. */
export function toolsOf(config: Json, store: Store): Json[] {
  const attached = readTexts(config, 'agent', 'prompt', 'tool_ids').map(
    (id) => store.tools.get(id)?.tool_config,
  )
  return [...readList(config, 'agent', 'prompt', 'tools'), ...attached]
    .filter(isObject)
    .filter((tool) => tool.type === 'client' || tool.type === 'webhook')
}

/** A tool is used when everything its name says was said: "check_slots" wants "check" and "slots". */
export function toolFor(said: string, tools: Json[], variables: Json): ToolCall | undefined {
  const words = new Set((said.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stem))
  for (const config of tools) {
    const name = readText(config, 'name')
    const parts = name
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean)
      .map(stem)
    if (parts.length === 0 || !parts.every((part) => words.has(part))) continue
    const type = config.type === 'webhook' ? 'webhook' : 'client'
    const schema =
      type === 'client'
        ? readObject(config, 'parameters')
        : merged(
            readObject(config, 'api_schema', 'query_params_schema'),
            readObject(config, 'api_schema', 'request_body_schema'),
          )
    return { name, type, config, parameters: parametersOf(schema, said, variables) }
  }
  return undefined
}

export function timeoutMsOf(call: ToolCall): number {
  return readNumber(DEFAULT_TIMEOUT_SECONDS, call.config, 'response_timeout_secs') * 1_000
}

export type ToolResult = { value: string; isError: boolean }

/** Calls the endpoint of a webhook tool with a flat JSON body. */
export async function callWebhook(call: ToolCall, variables: Json): Promise<ToolResult> {
  const api = readObject(call.config, 'api_schema')
  const method = readText(api, 'method') || 'GET'
  const path = Object.entries(readObject(api, 'path_params_schema')).reduce(
    (url, [name, schema]) =>
      url.replace(
        `{${name}}`,
        encodeURIComponent(String(parameterValue(schema, '', variables) ?? '')),
      ),
    readText(api, 'url'),
  )
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(readObject(api, 'request_headers')))
    if (typeof value === 'string') headers[name] = value
  try {
    const response = await fetch(path, {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMsOf(call)),
      ...(method === 'GET' ? {} : { body: JSON.stringify(call.parameters) }),
    })
    const value = (await response.text()).slice(0, MAX_RESULT_CHARACTERS)
    return { value, isError: !response.ok }
  } catch (error) {
    return { value: error instanceof Error ? error.message : String(error), isError: true }
  }
}

/** What an agent would tell of a result: a sentence as it is, an object as its fields. */
export function spokenResult({ value, isError }: ToolResult): string {
  if (isError) return 'I am sorry, that did not work just now.'
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return value.trim() || 'That is done.'
  }
  if (!isObject(parsed)) return `The result is ${String(parsed)}.`
  const said = readText(parsed, 'message') || readText(parsed, 'text') || readText(parsed, 'result')
  if (said) return said
  const fields = Object.entries(parsed).filter(([, field]) => !isObject(field))
  if (fields.length === 0) return 'That is done.'
  const told = fields.map(([key, field]) => `the ${key.replaceAll('_', ' ')} is ${String(field)}`)
  return `${told.join(', ').replace(/^t/, 'T')}.`
}

function parametersOf(schema: Json, said: string, variables: Json): Json {
  const parameters: Json = {}
  for (const [name, property] of Object.entries(readObject(schema, 'properties'))) {
    const value = parameterValue(property, said, variables)
    if (value !== undefined) parameters[name] = value
  }
  return parameters
}

function parameterValue(property: unknown, said: string, variables: Json): unknown {
  const constant = read(property, 'constant_value')
  if (constant !== undefined && constant !== null && constant !== '') return constant
  const variable = readText(property, 'dynamic_variable')
  if (variable) return variables[variable]
  const choice = readTexts(property, 'enum').find((option) =>
    said.toLowerCase().includes(option.toLowerCase()),
  )
  if (choice) return choice
  const type = read(property, 'type')
  const number = /-?\d+(?:\.\d+)?/.exec(said)?.[0]
  if (type === 'number' || type === 'integer')
    return number === undefined ? undefined : Number(number)
  if (type === 'boolean') return !/\b(?:no|not|never)\b/i.test(said)
  return said || undefined
}
