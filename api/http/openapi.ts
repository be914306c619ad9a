import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { gatewaySockets, gatewayWebhooks } from '#api/contract/gateway.ts'
import { roles } from '#api/contract/permissions.ts'
import { problem } from '#api/contract/problem.ts'
import { MAX_KEY_LENGTH } from '#api/core/idempotency/key.ts'
import { decisionFor, exposureOf } from './matrix.ts'
import type { Webhook } from './request.ts'
import { inputSchema, type JsonSchema, type Route } from './routes.ts'
import { inputs } from './serve.ts'

type Operation = Record<string, unknown>
export type OpenApiDocument = {
  openapi: '3.1.0'
  info: Record<string, unknown>
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, unknown>
  'x-sockets': typeof gatewaySockets
}

/** The document of exactly the routes that are served, by the API and by the gateways (THREATS T3, Z1). */
export function describeApi(
  routes: readonly Route[],
  urls: { publicApiUrl: string; publicVoiceUrl: string },
): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    const { method, path, operation } =
      'endpoint' in route ? ofEndpoint(route.endpoint) : ofWebhook(route.webhook)
    paths[path] = { ...paths[path], [method]: operation }
  }
  const servers = [{ url: urls.publicVoiceUrl }]
  for (const webhook of gatewayWebhooks)
    paths[webhook.path] = { post: { ...ofWebhook(webhook).operation, servers } }
  return {
    openapi: '3.1.0',
    info: {
      title: 'VoxCalls',
      version: '1',
      description:
        'AI phone agents and sales coaching. Errors are RFC 9457 problems with a `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: urls.publicApiUrl }],
    paths,
    'x-sockets': gatewaySockets,
    components: {
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The session token of a person, made by Clerk and good for a minute.',
        },
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'vox_<id>_<secret>',
          description:
            'An API key of an organization; an operation lets it in by its `x-key-permission`.',
        },
      },
      headers: {
        RetryAfter: {
          description: 'Seconds after which trying again makes sense',
          schema: { type: 'integer', minimum: 0 },
        },
        RateLimitPolicy: {
          description: 'The limits that this request counted in: requests `q` in `w` seconds',
          schema: { type: 'string', examples: ['"user";q=600;w=60'] },
        },
        RateLimit: {
          description: 'About what is left of each: requests `r`; `t` seconds until more are',
          schema: { type: 'string', examples: ['"user";r=580;t=60'] },
        },
        IdempotentReplayed: {
          description: 'Present where this is the answer of an earlier request with the same key',
          schema: { const: 'true' },
        },
      },
      schemas: { Problem: withoutDialect(inputSchema(problem)) },
    },
  }
}

function ofEndpoint(endpoint: Endpoint) {
  const { params, querystring, body } = inputs(endpoint)
  const open = endpoint.permission === 'anyone'
  const { keyPermission } = exposureOf(endpoint)
  const operation: Operation = {
    operationId: operationId(endpoint.method, endpoint.path),
    tags: [tagOf(endpoint.path)],
    summary: endpoint.summary,
    security: open ? [] : [{ session: [] }, ...(keyPermission ? [{ apiKey: [] }] : [])],
    'x-permission': open ? 'public' : endpoint.permission,
    ...(!open && { 'x-people-only': keyPermission === null }),
    ...(keyPermission && { 'x-key-permission': keyPermission }),
    ...(endpoint.feature && { 'x-feature': endpoint.feature }),
    ...(endpoint.idempotent && { 'x-idempotent': true }),
    'x-roles': Object.fromEntries(roles.map((role) => [role, decisionFor(endpoint, role)])),
    parameters: [
      ...parameters(params, 'path', endpoint.resources),
      ...parameters(querystring, 'query', endpoint.resources),
      ...(endpoint.idempotent ? [idempotencyKey] : []),
    ],
    ...(endpoint.body && body && { requestBody: json(withoutDialect(inputSchema(body)), true) }),
    ...(endpoint.upload && {
      requestBody: { required: true, content: bytesContent(endpoint.upload.mediaTypes) },
    }),
    responses: responsesOf(endpoint),
  }
  return { method: endpoint.method.toLowerCase(), path: bracketed(endpoint.path), operation }
}

function ofWebhook({
  answer = 'nothing',
  ...webhook
}: {
  vendor: string
  path: string
  summary?: string
  answer?: Webhook['answer']
}) {
  const operation: Operation = {
    operationId: operationId('POST', webhook.path),
    tags: ['webhooks'],
    summary: webhook.summary ?? `Deliveries of ${webhook.vendor}, under its signature`,
    security: [],
    'x-permission': 'public',
    'x-webhook': webhook.vendor,
    parameters: [],
    // Bytes, since the signature covers them as they are.
    requestBody: {
      required: true,
      content: { '*/*': { schema: { type: 'string', contentMediaType: 'application/json' } } },
    },
    responses: {
      ...(answer === 'nothing'
        ? { 204: { description: 'Taken' } }
        : { 200: { description: 'Taken', content: { [answer]: { schema: { type: 'string' } } } } }),
      ...problems([400, 403, 413, 500, 503]),
    },
  }
  return { method: 'post', path: webhook.path, operation }
}

function responsesOf(endpoint: Endpoint): Record<string, unknown> {
  const status = endpoint.status ?? 200
  return {
    [status]: {
      description: STATUS_CODES[status] ?? '',
      headers: {
        ...limitHeaders,
        ...(endpoint.idempotent && {
          'idempotent-replayed': { $ref: '#/components/headers/IdempotentReplayed' },
        }),
      },
      ...(endpoint.bytes
        ? { content: bytesContent(endpoint.bytes.contentTypes) }
        : status !== 204 && json(withoutDialect(inputSchema(endpoint.response)))),
    },
    ...(endpoint.bytes && {
      206: { description: 'A part', content: bytesContent(endpoint.bytes.contentTypes) },
    }),
    ...problems(statusesOf(endpoint)),
  }
}

/** Every refusal this operation can give. */
function statusesOf(endpoint: Endpoint): number[] {
  const guarded = endpoint.permission !== 'anyone'
  const writes = endpoint.method !== 'GET'
  return [
    400,
    ...(guarded ? [401, 403] : []),
    ...(endpoint.params ? [404] : []),
    408,
    ...(writes ? [402, 409, 413, 415] : []),
    ...(endpoint.idempotent ? [422] : []),
    ...(endpoint.bytes ? [416] : []),
    431,
    429,
    500,
    502,
    503,
  ].sort((a, b) => a - b)
}

const limitHeaders = {
  'ratelimit-policy': { $ref: '#/components/headers/RateLimitPolicy' },
  ratelimit: { $ref: '#/components/headers/RateLimit' },
}
const retryHeaders = { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }

const idempotencyKey = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  description:
    'Chosen by the client, once for each thing it wants done. Sent again within 24 hours with the same ' +
    'input, the first answer comes again; with another input it is refused with 422, and while the first ' +
    'request still runs with 409. A refusal is not kept.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
}

const problems = (statuses: number[]): Record<string, unknown> =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: STATUS_CODES[status] ?? '',
        ...((status === 429 || status === 503) && { headers: retryHeaders }),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  )

function parameters(
  schema: z.ZodType,
  place: 'path' | 'query',
  resources: Record<string, string> = {},
): Operation[] {
  const { properties = {}, required = [] } = inputSchema(schema)
  return Object.entries(properties).map(([name, part]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: part,
    ...(resources[name] && { 'x-resource': resources[name] }),
  }))
}

const json = (schema: JsonSchema, required = false) => ({
  ...(required && { required }),
  content: { 'application/json': { schema } },
})

const bytesContent = (contentTypes: readonly string[]) =>
  Object.fromEntries(
    contentTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  )

function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _dialect, ...rest } = schema
  return rest
}

const bracketed = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}')
const tagOf = (path: string): string =>
  /^\/v1\/(?:platform\/)?([\w-]+)/.exec(path)?.[1] ?? 'operations'
const operationId = (method: string, path: string): string =>
  `${method.toLowerCase()}${path.replaceAll(/[/:.-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`
