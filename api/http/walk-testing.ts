import type { LightMyRequestResponse } from 'fastify'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import { featureFlags } from '#api/contract/features.ts'
import { organizationRoles, type Permission, type Role, roles } from '#api/contract/permissions.ts'
import { problem } from '#api/contract/problem.ts'
import { type Person, sessionToken, type TestApi } from '#api/testing.ts'
import { keyPermissions } from '#contracts/api-keys'
import { decisionFor, exposureOf } from './matrix.ts'
import { nameOf } from './routes.ts'

export const endpointsOf = (api: TestApi): Endpoint[] =>
  api.routes.flatMap((route) => ('endpoint' in route ? [route.endpoint] : []))

export const send = (api: TestApi, endpoint: Endpoint, input: object, as?: { token: string }) =>
  api.call(endpoint, input as Call<Endpoint>, as)

/** `through` is whatever the endpoint itself answers; the rest are the guard's own refusals. */
export type Outcome =
  | 'through'
  | 'request.unauthenticated'
  | 'request.forbidden'
  | 'request.people_only'
  | 'organization.not_active'
  | 'feature.off'

const GUARDS: readonly string[] = [
  'request.unauthenticated',
  'request.forbidden',
  'request.people_only',
  'organization.not_active',
  'feature.off',
] satisfies Outcome[]

export function outcomeOf(response: LightMyRequestResponse): Outcome {
  if (response.statusCode !== 401 && response.statusCode !== 403) return 'through'
  const { code } = problem.parse(response.json())
  // A domain may refuse with 403 as well, as it does an admin who acts on a higher role.
  return GUARDS.includes(code) ? (code as Outcome) : 'through'
}

/** Somebody who asks, and what the matrix promises them. */
export type Walker = {
  name: string
  token: string | undefined
  /** An own one for what would change who the walker is. */
  fresh?: () => Promise<{ token: string }>
  expected(endpoint: Endpoint): Outcome
  /** All endpoints where absent. */
  concerns?: (endpoint: Endpoint) => boolean
}

type Status = 'active' | 'paused' | 'archived'

/** Everybody there is: roles in every state of their organization, those who lost theirs, and programs. */
export async function everybody(api: TestApi): Promise<Walker[]> {
  const organizations = {
    active: await api.database.anOrganization({ balanceCents: 10_000 }),
    paused: await api.database.anOrganization({ balanceCents: 10_000 }),
    archived: await api.database.anOrganization({ balanceCents: 10_000 }),
    restricted: await api.database.anOrganization({ balanceCents: 10_000 }),
  }
  const walkers: Walker[] = [
    { name: 'nobody', token: undefined, expected: strangers },
    { name: 'somebody with an expired token', token: await expired(api), expected: strangers },
    {
      name: 'somebody with a made-up key',
      token: `vox_${'0'.repeat(32)}_${'A'.repeat(43)}`,
      expected: strangers,
    },
    { name: 'a removed member', ...(await removed(api)), expected: withoutRole },
  ]
  for (const role of roles) {
    const isMember = organizationRoles.some((known) => known === role)
    for (const status of isMember
      ? (['active', 'paused', 'archived'] as const)
      : (['active'] as const)) {
      const fresh = () => api.aHolderOf(role, isMember ? organizations[status] : undefined)
      walkers.push({
        name: `a ${role} of an ${status} organization`,
        token: (await fresh()).token,
        fresh,
        expected: (endpoint) => ofMember(endpoint, role, status, false),
      })
    }
  }
  const restricted = await api.aHolderOf('admin', organizations.restricted)
  walkers.push({
    name: 'an admin without any feature',
    token: restricted.token,
    expected: (endpoint) => ofMember(endpoint, 'admin', 'active', true),
  })
  for (const status of ['active', 'paused', 'archived'] as const)
    walkers.push({
      name: `a program of an ${status} organization`,
      token: (await api.aKey(organizations[status], [...keyPermissions])).token,
      expected: (endpoint) => ofProgram(endpoint, keyPermissions, status, false),
    })
  walkers.push({
    name: 'a program without any feature',
    token: (await api.aKey(organizations.restricted, [...keyPermissions])).token,
    expected: (endpoint) => ofProgram(endpoint, keyPermissions, 'active', true),
  })
  for (const permission of keyPermissions) {
    const rest = keyPermissions.filter((other) => other !== permission)
    const program = async (held: Permission[]) => ({
      token: (await api.aKey(organizations.active, held)).token,
      expected: (endpoint: Endpoint) => ofProgram(endpoint, held, 'active', false),
    })
    walkers.push({ name: `a program with ${permission}`, ...(await program([permission])) })
    walkers.push({
      name: `a program with all but ${permission}`,
      ...(await program(rest)),
      concerns: (endpoint) => exposureOf(endpoint).keyPermission === permission,
    })
  }
  for (const status of ['paused', 'archived'] as const)
    await setStatus(api, organizations[status], status)
  for (const flag of featureFlags)
    await api.database.query(
      'admin',
      'insert into feature_flags (organization_id, flag, enabled) values ($1, $2, false)',
      [organizations.restricted, flag],
    )
  return walkers
}

const strangers = ({ permission }: Endpoint): Outcome =>
  permission === 'anyone' ? 'through' : 'request.unauthenticated'

const isOpen = ({ permission }: Endpoint): boolean =>
  permission === 'anyone' || permission === 'signed in'

const withoutRole = (endpoint: Endpoint): Outcome =>
  isOpen(endpoint) ? 'through' : 'request.forbidden'

function ofMember(endpoint: Endpoint, role: Role, status: Status, isRestricted: boolean): Outcome {
  if (decisionFor(endpoint, role) === 'deny') return 'request.forbidden'
  return inside(endpoint, status, isRestricted)
}

function ofProgram(
  endpoint: Endpoint,
  held: readonly Permission[],
  status: Status,
  isRestricted: boolean,
): Outcome {
  const { permission, peopleOnly } = endpoint
  if (permission === 'anyone') return 'through'
  if (peopleOnly || permission === 'signed in') return 'request.people_only'
  const { keyPermission } = exposureOf(endpoint)
  if (!keyPermission || !held.includes(keyPermission)) return 'request.forbidden'
  const outcome = inside(endpoint, status, isRestricted)
  return outcome === 'through' && isRestricted ? 'feature.off' : outcome
}

function inside(endpoint: Endpoint, status: Status, isRestricted: boolean): Outcome {
  const { whilePaused, whileArchived, feature } = exposureOf(endpoint)
  const isClosed =
    (status === 'paused' && whilePaused === 'deny') ||
    (status === 'archived' && whileArchived === 'deny')
  if (isClosed) return 'organization.not_active'
  return isRestricted && feature ? 'feature.off' : 'through'
}

async function removed(api: TestApi) {
  const fresh = async (): Promise<Person> => {
    const person = await api.aHolderOf('admin')
    await api.database.query('admin', 'delete from memberships where user_id = $1', [person.userId])
    return person
  }
  return { token: (await fresh()).token, fresh }
}

async function expired(api: TestApi): Promise<string> {
  const { clerkUserId } = await api.aHolderOf('admin')
  const seconds = Math.floor(Date.now() / 1000)
  return sessionToken(clerkUserId, { exp: seconds - 30, iat: seconds - 90 })
}

export const setStatus = (api: TestApi, organizationId: string, status: Status) =>
  api.database.query('admin', 'update organizations set status = $2 where id = $1', [
    organizationId,
    status,
  ])

/** A vendor that is not there is no mistake of ours: in these walks none is. */
export const isBroken = (response: LightMyRequestResponse): boolean =>
  response.statusCode >= 500 && !/"code":"vendor\./.test(response.body)

/** What two answers may differ in is left out: the request's own id and the time. */
export function comparable(response: LightMyRequestResponse) {
  const { 'x-request-id': _id, date: _date, ratelimit: _left, ...headers } = response.headers
  const body = response.body.replace(/"requestId":"[^"]*"/, '')
  return { status: response.statusCode, headers, body }
}

/** One digest a table, over every row of every tenant; when somebody was last seen is left out. */
async function fingerprint(api: TestApi): Promise<Map<string, string>> {
  const tables = await api.database.query<{ name: string }>(
    'admin',
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname not in ('rate_windows', 'migrations')`,
  )
  const digests = tables.map(
    ({
      name,
    }) => `select '${name}' as name, coalesce(md5(string_agg(row, '' order by row)), '') as digest
       from (select md5((to_jsonb(t) - 'last_used_at' - 'seen_at')::text) as row from ${name} t) r`,
  )
  const rows = await api.database.query<{ name: string; digest: string }>(
    'admin',
    digests.join(' union all '),
  )
  return new Map(rows.map(({ name, digest }) => [name, digest]))
}

/** Names the endpoint after whose requests the database is not what it was the time before. */
export async function watchTraces(api: TestApi) {
  let before = await fingerprint(api)
  return async (endpoint: Endpoint): Promise<string[]> => {
    const after = await fingerprint(api)
    const changed = [...after].filter(([name, digest]) => before.get(name) !== digest)
    before = after
    const names = changed.map(([name]) => name)
    return names.length > 0 ? [`${nameOf(endpoint)} changed ${names.join(', ')}`] : []
  }
}
