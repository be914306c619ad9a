import type { WebhookTool } from '#api/contract/agent-spec.ts'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { constantOf } from './checks.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { findToolKey, TOOL_KEY_HEADER } from './tool-key.ts'

type Values = Received<typeof contract.testTool>['body']['values']

const HEAD_CHARACTERS = 4_000 // as much of an answer as a person looks at

/** Calls a webhook tool as a conversation would, through the same guard as all that tenants typed in. */
export async function testTool(
  ctx: Context,
  { tool, values }: Received<typeof contract.testTool>['body'],
): Promise<Answer<typeof contract.testTool>> {
  const { tenantHttp } = ctx.vendors
  if (tenantHttp.refuse(tool.url))
    throw errors.invalidSpec([
      {
        path: 'body.tool.url',
        message: 'is no https address on the public internet without a user name in it',
      },
    ])
  const request = requestOf(tool, values)
  const key = await findToolKey(ctx)
  const startedMs = performance.now()
  const answer = await tenantHttp.request(request.url, {
    method: tool.method,
    headers: {
      accept: 'application/json',
      'x-voxcalls-tool': 'test',
      ...(key && { [TOOL_KEY_HEADER]: key.secret }),
      ...(request.body !== null && { 'content-type': 'application/json' }),
    },
    ...(request.body !== null && { body: request.body }),
  })
  const durationMs = Math.round(performance.now() - startedMs)
  if ('error' in answer)
    return {
      status: null,
      error: answer.error,
      durationMs,
      bodyHead: '',
      isTruncated: false,
      request,
    }
  const text = answer.bytes.toString('utf8')
  return {
    status: answer.status,
    error: null,
    durationMs,
    bodyHead: text.slice(0, HEAD_CHARACTERS).toWellFormed(),
    isTruncated: text.length > HEAD_CHARACTERS,
    request,
  }
}

/** What ElevenLabs would send: flat JSON, or a query where the method has no body. */
function requestOf(tool: WebhookTool, values: Values) {
  const given = Object.fromEntries(
    tool.parameters.flatMap((parameter): [string, string | number | boolean][] => {
      const value = givenFor(parameter, values)
      return value === undefined ? [] : [[parameter.name, value]]
    }),
  )
  const url = new URL(tool.url)
  if (tool.method !== 'GET' && tool.method !== 'DELETE')
    return { method: tool.method, url: url.href, body: JSON.stringify(given) }
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, String(value))
  return { method: tool.method, url: url.href, body: null }
}

/** A value given by the parameter's name wins: that is how a variable or a constant is tried out. */
function givenFor(
  { name, type, value }: WebhookTool['parameters'][number],
  values: Values,
): string | number | boolean | undefined {
  const given = Object.hasOwn(values, name) ? values[name] : undefined
  if (given !== undefined) return given
  return value.from === 'constant' ? constantOf(type, value.constant) : undefined
}
