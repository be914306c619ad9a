import type { WebhookTool } from '#api/contract/agent-spec.ts'

/** What was typed for each parameter, as the type it has; what is no such value goes as text, and what is empty not at all. */
export function typedValues(
  tool: WebhookTool,
  typed: Record<string, string>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    tool.parameters.flatMap(({ name, type }): [string, string | number | boolean][] => {
      const text = typed[name] ?? ''
      return text === '' ? [] : [[name, asType(type, text)]]
    }),
  )
}

function asType(type: WebhookTool['parameters'][number]['type'], text: string) {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const number = Number(text)
  const isNumeric = type === 'number' || type === 'integer'
  return isNumeric && Number.isFinite(number) ? number : text
}
