import type { FastifyInstance, RouteOptions } from 'fastify'
import { z } from 'zod'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { can, organizationRoles } from '#api/contract/permissions.ts'
import type { Webhook } from './request.ts'
import { inputs } from './serve.ts'

export type Route = { endpoint: Endpoint } | { webhook: Webhook }

/**
 * Keeps the list of what this process serves and refuses, at boot, a route that nobody declared, an input
 * that takes more than it says, and an id that does not say what it names.
 */
export function collectRoutes(app: FastifyInstance): Route[] {
  const routes: Route[] = []
  app.addHook('onRoute', (route) => {
    if (isPreflight(route)) return
    const { endpoint, webhook } = route.config ?? {}
    if (webhook) routes.push({ webhook })
    else if (endpoint) {
      refuseOpenInputs(endpoint)
      refuseUnnamedIds(endpoint)
      refuseHomelessKeys(endpoint)
      routes.push({ endpoint })
    } else throw new Error(`${route.method} ${route.url} was not declared in a contract`)
  })
  return routes
}

// The CORS plugin's own answer to browsers; it reaches no handler of ours.
const isPreflight = (route: RouteOptions): boolean =>
  route.method === 'OPTIONS' && route.url === '*'

export const nameOf = (endpoint: Endpoint): string => `${endpoint.method} ${endpoint.path}`

function refuseOpenInputs(endpoint: Endpoint): void {
  for (const [part, schema] of Object.entries(inputs(endpoint))) {
    const open = findOpenObject(inputSchema(schema), part)
    if (open) throw new Error(`${nameOf(endpoint)} takes undeclared properties at ${open}`)
  }
}

function refuseUnnamedIds(endpoint: Endpoint): void {
  const inPath = [...endpoint.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  const declared = propertiesOf(inputs(endpoint).params)
  if (inPath.toSorted().join() !== declared.toSorted().join())
    throw new Error(`${nameOf(endpoint)} declares other parameters than its path has`)
  const ids = [...declared, ...propertiesOf(inputs(endpoint).querystring)]
  const named = ids.filter((name) => /Id$/.test(name))
  for (const id of [...named, ...idsInBody(endpoint)]) {
    if (!endpoint.resources?.[id])
      throw new Error(`${nameOf(endpoint)} does not say what ${id} names`)
  }
}

// A client's own id for what it asks names nothing of ours.
const OWN_WORD = 'requestId'

/** Ids of ours that a body refers to, one or a list of them. */
function idsInBody({ body }: Endpoint): string[] {
  if (!body) return []
  const properties = Object.entries(inputSchema(body).properties ?? {})
  const isId = ([name, part]: [string, unknown]) =>
    /Ids?$/.test(name) && name !== OWN_WORD && JSON.stringify(part).includes('"format":"uuid"')
  return properties.filter(isId).map(([name]) => name)
}

/** An idempotency key is kept with an organization; who has none, or acts on none, has no place for it. */
function refuseHomelessKeys(endpoint: Endpoint): void {
  if (!endpoint.idempotent) return
  const { permission } = endpoint
  const isMembers =
    permission !== 'anyone' &&
    permission !== 'signed in' &&
    organizationRoles.some((role) => can(role, permission))
  if (!isMembers && !endpoint.path.includes(':organizationId'))
    throw new Error(`${nameOf(endpoint)} is idempotent but belongs to no organization`)
}

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** How an input looks on the wire. The codecs' wire side is their input on both ways. */
export const inputSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })

export const propertiesOf = (schema: z.ZodType): string[] =>
  Object.keys(inputSchema(schema).properties ?? {})

/** Where an object takes properties it does not name; a record says so itself and is meant. */
function findOpenObject(schema: JsonSchema, at: string): string | null {
  if (schema.properties && schema.additionalProperties !== false) return at
  const inside: [string, unknown][] = [
    ...Object.entries(schema.properties ?? {}),
    ...[schema.items, schema.additionalProperties].map((part): [string, unknown] => ['*', part]),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].map(
      (part): [string, unknown] => ['', part],
    ),
  ]
  for (const [name, part] of inside) {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) continue
    const found = findOpenObject(part as JsonSchema, name ? `${at}.${name}` : at)
    if (found) return found
  }
  return null
}
