import type { AgentDraft, WebhookTool } from '#api/contract/agent-spec.ts'
import type { TenantHttp } from '#api/core/vendors.ts'

export type Problem = { path: string; message: string }
export type KnownDocuments = ReadonlyMap<string, { state: string }>

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}/g
const BUILT_IN = ['end_call', 'transfer_to_number', 'play_keypad_touch_tone']

/** What stands against publishing: parts that do not fit each other, or what is not there (yet). */
export function problemsOf(
  spec: AgentDraft,
  documents: KnownDocuments,
  refuse: TenantHttp['refuse'],
): Problem[] {
  return [
    ...(spec.prompt.trim() === '' ? [{ path: 'prompt', message: 'says nothing yet' }] : []),
    ...undeclared(spec, 'prompt', spec.prompt),
    ...undeclared(spec, 'firstMessage', spec.firstMessage),
    ...documentProblems(spec, documents),
    ...clashes(spec),
    ...spec.tools.webhooks.flatMap((tool, index) => toolProblems(spec, tool, index)),
    ...addressProblems(spec, refuse),
  ]
}

/** What is not even kept in a draft: names that cannot be told apart, addresses nobody may call. */
export const refusalsOf = (spec: AgentDraft, refuse: TenantHttp['refuse']): Problem[] => [
  ...clashes(spec),
  ...addressProblems(spec, refuse),
]

function undeclared(spec: AgentDraft, path: string, text: string): Problem[] {
  const used = new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name))
  return [...used]
    .filter((name) => !isKnownVariable(spec, name))
    .map((name) => ({ path, message: `uses the variable ${name}, which is not declared` }))
}

/** ElevenLabs fills those of the system itself. */
const isKnownVariable = (spec: AgentDraft, name: string): boolean =>
  name.startsWith('system__') || spec.variables.some((variable) => variable.name === name)

const documentProblems = (spec: AgentDraft, documents: KnownDocuments): Problem[] =>
  spec.documentIds.flatMap((id, index) => {
    const path = `documentIds.${index}`
    const state = documents.get(id)?.state
    if (state === undefined) return [{ path, message: 'is no longer there' }]
    return state === 'ready' ? [] : [{ path, message: `is not ready but ${state}` }]
  })

const addressProblems = (spec: AgentDraft, refuse: TenantHttp['refuse']): Problem[] =>
  spec.tools.webhooks.flatMap(({ url }, index) =>
    refuse(url)
      ? [
          {
            path: `tools.webhooks.${index}.url`,
            message: 'is no https address on the public internet without a user name in it',
          },
        ]
      : [],
  )

const clashes = (spec: AgentDraft): Problem[] => [
  ...repeated('variables', spec.variables),
  ...repeated('tools.webhooks', spec.tools.webhooks, BUILT_IN),
  ...repeated('dataCollection', spec.dataCollection),
  ...repeated('criteria', spec.criteria),
  ...spec.tools.webhooks.flatMap(({ parameters }, index) =>
    repeated(`tools.webhooks.${index}.parameters`, parameters),
  ),
  ...repeated(
    'documentIds',
    spec.documentIds.map((name) => ({ name })),
  ),
]

function repeated(
  path: string,
  items: readonly { name: string }[],
  taken: readonly string[] = [],
): Problem[] {
  const seen = new Set(taken)
  return items.flatMap(({ name }, index) => {
    const isTaken = seen.has(name)
    seen.add(name)
    return isTaken
      ? [{ path: `${path}.${index}`, message: 'is there already under this name' }]
      : []
  })
}

const toolProblems = (spec: AgentDraft, tool: WebhookTool, index: number): Problem[] =>
  tool.parameters.flatMap(({ type, value }, place) => {
    const path = `tools.webhooks.${index}.parameters.${place}.value`
    if (value.from === 'variable' && !isKnownVariable(spec, value.variable))
      return [{ path, message: `uses the variable ${value.variable}, which is not declared` }]
    if (value.from === 'constant' && constantOf(type, value.constant) === undefined)
      return [{ path, message: `is no ${type}` }]
    return []
  })

/** What was typed as the type it is to have; undefined where it is none. */
export function constantOf(
  type: WebhookTool['parameters'][number]['type'],
  typed: string,
): string | number | boolean | undefined {
  if (type === 'string') return typed
  if (type === 'boolean') return typed === 'true' ? true : typed === 'false' ? false : undefined
  const number = typed.trim() === '' ? Number.NaN : Number(typed)
  if (!Number.isFinite(number) || (type === 'integer' && !Number.isInteger(number)))
    return undefined
  return number
}
