import { z } from 'zod'
import type { ElevenLabsTools, ToolSpec } from '#api/core/vendors.ts'
import { get } from './elevenlabs-api.ts'
import type { JsonApi } from './json-api.ts'

const BASE = '/v1/convai/tools'
const MAX_PAGE = 100 // the service's own
const MAX_PAGES = 20 // two thousand tools of one name; beyond this a lost one is made again
const MARK_HEADER = 'x-voxcalls-tool'

/** Webhook tools, which ElevenLabs keeps beside the agents that use them. */
export const elevenLabsTools = (api: JsonApi): ElevenLabsTools => ({
  async createTool(tool) {
    const created = await api.call(
      {
        operation: 'create-tool',
        method: 'POST',
        path: BASE,
        body: { tool_config: toolConfig(tool) },
        repeatable: false,
      },
      z.object({ id: z.string() }),
    )
    return created.id
  },

  async hasTool(id) {
    return (await api.find(get('find-tool', pathOf(id)), z.object({}))) !== null
  },

  async findTool(name, mark) {
    let cursor: string | undefined
    for (let number = 0; number < MAX_PAGES; number++) {
      const query = { search: name, page_size: MAX_PAGE, cursor }
      const page = await api.call(get('find-tool-by-mark', BASE, query), toolPage)
      const found = page.tools.find((tool) => markOf(tool) === mark)
      if (found) return found.id
      if (!page.has_more || !page.next_cursor) return null
      cursor = page.next_cursor
    }
    return null
  },

  async deleteTool(id) {
    const query = { force: true }
    const change = { method: 'DELETE', path: pathOf(id), query, repeatable: true } as const
    await api.find({ operation: 'delete-tool', ...change }, z.unknown())
  },
})

const pathOf = (id: string) => `${BASE}/${encodeURIComponent(id)}`

const toolPage = z.object({
  tools: z.array(
    z.object({
      id: z.string(),
      tool_config: z.object({
        api_schema: z
          .object({ request_headers: z.record(z.string(), z.unknown()).nullish() })
          .nullish(),
      }),
    }),
  ),
  next_cursor: z.string().nullish(),
  has_more: z.boolean(),
})

const markOf = ({ tool_config }: z.output<typeof toolPage>['tools'][number]): unknown =>
  tool_config.api_schema?.request_headers?.[MARK_HEADER]

function toolConfig(tool: ToolSpec): object {
  const schema = {
    properties: Object.fromEntries(
      tool.parameters.map(({ name, type, value }) => [name, { type, ...sourceOf(value) }]),
    ),
    required: tool.parameters.filter(({ required }) => required).map(({ name }) => name),
  }
  const hasBody = tool.method !== 'GET' && tool.method !== 'DELETE'
  const asked = tool.parameters.length > 0
  return {
    type: 'webhook',
    name: tool.name,
    description: tool.description,
    response_timeout_secs: tool.timeoutSeconds,
    api_schema: {
      url: tool.url,
      method: tool.method,
      request_headers: { ...tool.headers, [MARK_HEADER]: tool.mark },
      ...(asked && !hasBody && { query_params_schema: schema }),
      ...(asked && hasBody && { request_body_schema: { type: 'object', ...schema } }),
    },
  }
}

function sourceOf(value: ToolSpec['parameters'][number]['value']): object {
  switch (value.from) {
    case 'conversation':
      return { description: value.description }
    case 'variable':
      return { dynamic_variable: value.variable }
    case 'constant':
      return { constant_value: value.constant }
  }
}
