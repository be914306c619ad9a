import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayWebhooks } from '#api/contract/gateway.ts'
import { roles } from '#api/contract/permissions.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import type { OpenApiDocument } from './openapi.ts'

let api: TestApi
let document: OpenApiDocument
beforeAll(async () => {
  api = await testApi()
  document = (await api.app.inject('/openapi.json')).json()
})
afterAll(() => api.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('the document is OpenAPI 3.1 and holds exactly the routes that are served', () => {
  expect(document.openapi).toBe('3.1.0')
  const served = [
    ...api.routes.map((route) =>
      'endpoint' in route
        ? `${route.endpoint.method} ${route.endpoint.path}`
        : `POST ${route.webhook.path}`,
    ),
    ...gatewayWebhooks.map(({ path }) => `POST ${path}`),
  ]
  const described = operations().map(
    ({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
  )
  expect(described.toSorted()).toEqual(served.toSorted())
  expect(new Set(served).size).toBe(served.length)
})

test('every route the server knows is in the document', () => {
  const printed = api.app.printRoutes({ commonPrefix: false })
  const known = printed.match(/\((?:GET|POST|PATCH|DELETE|PUT|HEAD)[^)]*\)/g) ?? []
  const methods = known.flatMap((entry) => entry.slice(1, -1).split(', '))
  expect(methods).toHaveLength(api.routes.length)
})

test('every operation has an id of its own, says who may call it and what each status looks like', () => {
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations()) {
    expect(operation['x-permission'], path).toBeTypeOf('string')
    const responses = Object.entries(operation.responses as Record<string, { content?: object }>)
    const contents = responses.filter(([status]) => status !== '204')
    for (const [status, { content }] of contents) expect(content, `${path} ${status}`).toBeDefined()
    expect(responses.map(([status]) => status)).toContain('500')
    const isPublic = operation['x-permission'] === 'public'
    const keyed = operation['x-key-permission'] ? [{ apiKey: [] }] : []
    expect(operation.security).toEqual(isPublic ? [] : [{ session: [] }, ...keyed])
    if (!isPublic) expect(operation['x-people-only'], path).toBe(keyed.length === 0)
    if (!isPublic) expect(Object.keys(operation['x-roles'] as object)).toEqual([...roles])
  }
})

test('every id parameter says which resource it names, and every body is closed', () => {
  let ids = 0
  for (const { path, operation } of operations()) {
    const parameters = operation.parameters as { name: string; in: string; 'x-resource'?: string }[]
    for (const parameter of parameters.filter(({ name }) => name.endsWith('Id'))) {
      expect(parameter['x-resource'], `${path} ${parameter.name}`).toBeTypeOf('string')
      ids++
    }
    const body = operation.requestBody as
      | { content: { 'application/json'?: { schema: { additionalProperties?: boolean } } } }
      | undefined
    const schema = body?.content['application/json']?.schema
    if (schema) expect(schema.additionalProperties, path).toBe(false)
  }
  expect(ids).toBeGreaterThan(5)
})

test('headers that clients act on are described where they are given', () => {
  type Described = { parameters: object[]; responses: Record<string, { headers?: object }> }
  const adjusting = document.paths['/v1/platform/organizations/{organizationId}/wallet/adjustments']
    ?.post as unknown as Described
  expect(adjusting.parameters).toContainEqual(
    expect.objectContaining({ name: 'idempotency-key', in: 'header', required: false }),
  )
  expect(Object.keys(adjusting.responses)).toContain('422')
  expect(Object.keys(adjusting.responses['429']?.headers ?? {})).toEqual(['retry-after'])
  expect(Object.keys(adjusting.responses['200']?.headers ?? {})).toEqual([
    'ratelimit-policy',
    'ratelimit',
    'idempotent-replayed',
  ])
})

test('the page tells every operation and runs no script', async () => {
  const { headers, body } = await api.app.inject('/docs')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`,
  )
  expect(body).not.toMatch(/<script|\son\w+=|style=/)
  for (const { operation } of operations())
    expect(body).toContain(`id="${String(operation.operationId)}"`)
})

test('moments are described as they travel: ISO text', () => {
  const me = document.paths['/v1/organization']?.get?.responses as Record<
    string,
    { content: Record<string, { schema: { properties: Record<string, object> } }> }
  >
  expect(me['200']?.content['application/json']?.schema.properties.createdAt).toMatchObject({
    type: 'string',
    format: 'date-time',
  })
})
