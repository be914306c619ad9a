import { randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { sealSecret } from '#api/core/secrets/service.ts'
import { storeRecording } from '#api/domains/recordings/service.ts'
import { exampleOf } from '#api/http/example-testing.ts'
import { endpointsOf } from '#api/http/walk-testing.ts'
import { createAgentTest } from '#contracts/agent-tests'
import { createInvitation } from '#contracts/invitations'
import { createWebhookEndpoint, pingWebhookEndpoint } from '#contracts/outgoing-webhooks'
import { createQueue } from '#db/queue.ts'
import { jobs, subscriptions } from './subscriptions.ts'
import type { Person, TestApi } from './testing.ts'

/** Whose things are made: an organization, somebody who may make them, and whom they concern. */
export type Home = { organizationId: string; admin: Person; owner: Person }
type Made = Record<string, string>

/** Really makes one thing of a kind in an organization; answers its id and those of what it stands in. */
const makers: Record<string, (api: TestApi, home: Home) => Promise<Made>> = {
  async user(api, { organizationId }) {
    const person = await api.aPerson({
      organizationId,
      role: 'sales_person',
      platformRole: 'manager',
    })
    return { user: person.userId }
  },
  async member(api, { organizationId }) {
    const { userId } = await api.aPerson({ organizationId, role: 'sales_person' })
    const text = 'select id from memberships where user_id = $1'
    const [row] = await api.database.query<{ id: string }>('admin', text, [userId])
    return { member: row?.id ?? '' }
  },
  organization: async (api) => ({
    organization: await api.database.anOrganization({ balanceCents: 10_000 }),
  }),
  async invitation(api, { admin, owner }) {
    const text = 'select email from users where id = $1'
    const [row] = await api.database.query<{ email: string }>('admin', text, [owner.userId])
    const isOwnMatter = admin.organizationId !== owner.organizationId
    const email = isOwnMatter ? (row?.email ?? '') : `${randomUUID()}@voxcalls.test`
    const invited = { body: { email, role: 'sales_person' as const } }
    return { invitation: await made(api.call(createInvitation, invited, admin)) }
  },
  async 'api-key'(api, { organizationId }) {
    return { 'api-key': (await api.aKey(organizationId, ['members.read'])).keyId }
  },
  agent: (api, { organizationId }) =>
    insert(
      api,
      'agent',
      `with made as (
         insert into agents (organization_id, id, name, prompt, first_message, voice_id, draft, published_version)
         values ($1, $2, 'Front desk', 'We are open.', 'Hello.', 'voice-1', '{"prompt":"We are open."}', 1)
         returning organization_id, id, draft)
       insert into agent_versions (organization_id, agent_id, number, spec) select organization_id, id, 1, draft from made`,
      organizationId,
    ),
  async 'agent-test'(api, home) {
    const within = await makeOne(api, 'agent', home)
    const params = { agentId: within.agent ?? '' }
    const body = { name: 'Opening hours', steps: [{ says: 'When are you open?' }] }
    return {
      ...within,
      'agent-test': await made(api.call(createAgentTest, { params, body }, home.admin)),
    }
  },
  async 'agent-test-run'(api, home) {
    const within = await makeOne(api, 'agent-test', home)
    const ids = await insert(
      api,
      'agent-test-run',
      `insert into agent_test_runs (organization_id, id, agent_id, test_id, test_name, test_revision, steps)
       values ($1, $2, $3, $4, 'Opening hours', 1, '[{"says":"When are you open?"}]')`,
      home.organizationId,
      [within.agent, within['agent-test']],
    )
    return { ...within, ...ids }
  },
  async 'carrier-account'(api, { organizationId }) {
    const id = randomUUIDv7()
    const place = { table: 'carrier_accounts', column: 'auth_token', rowId: id }
    const ctx = forOrganization(api.ctx, organizationId)
    const sealed = await inTransaction(ctx, (tx) => sealSecret(tx, place, randomUUID()))
    await api.database.query(
      'admin',
      `insert into carrier_accounts (organization_id, id, twilio_account_sid, auth_token, auth_token_last_four)
       values ($1, $2, $3, $4, '1234')`,
      [organizationId, id, `AC${randomBytes(16).toString('hex')}`, sealed],
    )
    return { 'carrier-account': id }
  },
  'phone-number': (api, { organizationId }) =>
    insert(
      api,
      'phone-number',
      `insert into phone_numbers (organization_id, id, e164, twilio_account_sid) values ($1, $2, $3, $4)`,
      organizationId,
      [`+1500${randomBytes(4).readUInt32BE()}`.slice(0, 14), `AC${'0'.repeat(32)}`],
    ),
  async call(api, { organizationId, owner }) {
    const ids = await insert(
      api,
      'call',
      `insert into calls (organization_id, id, user_id, kind, direction, from_number, to_number, twilio_call_sid)
       values ($1, $2, $3, 'agent', 'inbound', '+15550001111', '+15550002222', $4)`,
      organizationId,
      [owner.userId, `CA${randomBytes(16).toString('hex')}`],
    )
    const callId = ids.call ?? ''
    for (const state of ['authorized', 'live'])
      await api.database.query('admin', 'update calls set state = $2, reason = $2 where id = $1', [
        callId,
        state,
      ])
    await api.database.query(
      'admin',
      `insert into call_leases (organization_id, call_id, owner, address, heartbeat_at, expires_at)
       values ($1, $2, 'gateway', 'ws://127.0.0.1:1', now(), now() + interval '1 hour')`,
      [organizationId, callId],
    )
    await storeRecording(forOrganization(api.ctx, organizationId), {
      organizationId,
      callId,
      wav: Buffer.alloc(44),
      tape: Buffer.alloc(1),
      peaks: { durationMs: 1_000, perSecond: 1, customer: [0], agent: [0] },
      lostRecords: 0,
      isTorn: false,
    })
    return { ...ids, organization: organizationId }
  },
  'top-up': (api, { organizationId }) =>
    insert(
      api,
      'top-up',
      `insert into top_ups (organization_id, id, origin, amount_cents, currency)
       values ($1, $2, 'checkout', 1000, 'usd')`,
      organizationId,
    ),
  async 'knowledge-document'(api, { organizationId }) {
    const objectKey = `org/${organizationId}/${randomUUID()}`
    await api.ctx.vendors.storage.put(objectKey, Buffer.from('Prices'), 'text/plain')
    return insert(
      api,
      'knowledge-document',
      `insert into knowledge_documents (organization_id, id, title, kind, media_type, size_bytes, sha256, object_key)
       values ($1, $2, 'Prices', 'file', 'text/plain', 6, $3, $4)`,
      organizationId,
      [randomBytes(32).toString('hex'), objectKey],
    )
  },
  async job(api, { organizationId }) {
    // The queue that dead letters lie in is made by whoever opens the queues first.
    const log = { warn: () => undefined, error: () => undefined }
    const queues = { url: api.database.urls.app, subscriptions, jobs, log }
    await (await createQueue(queues)).close()
    return insert(
      api,
      'job',
      `insert into jobs.job (id, name, data, source_name, source_id, source_created_on, source_retry_count, source_output)
       values ($2, 'dead-letters', jsonb_build_object('organizationId', $1::text, 'callId', gen_random_uuid()),
               'usage.note-call', gen_random_uuid(), now(), 4, '{"error":"TypeError"}')`,
      organizationId,
    )
  },
  async 'webhook-endpoint'(api, { admin }) {
    const body = { url: 'https://hooks.voxcalls.test/in', events: ['call.ended' as const] }
    return { 'webhook-endpoint': await made(api.call(createWebhookEndpoint, { body }, admin)) }
  },
  async 'webhook-message'(api, home) {
    const within = await makeOne(api, 'webhook-endpoint', home)
    const params = { endpointId: within['webhook-endpoint'] ?? '' }
    const id = await made(api.call(pingWebhookEndpoint, { params }, home.admin))
    return { ...within, 'webhook-message': id }
  },
}

/** Ids for every parameter of an endpoint that names something, all of things that belong together. */
export async function makeFor(
  api: TestApi,
  endpoint: Endpoint,
  home: Home,
): Promise<Record<string, string>> {
  const named = Object.entries(endpoint.resources ?? {})
  let ids: Made = {}
  // The innermost comes last in a path, and knows what it stands in.
  for (const [, resource] of named.toReversed())
    if (!ids[resource]) ids = { ...(await makeOne(api, resource, home)), ...ids }
  return Object.fromEntries(named.map(([parameter, resource]) => [parameter, ids[resource] ?? '']))
}

async function makeOne(api: TestApi, resource: string, home: Home): Promise<Made> {
  const make = makers[resource]
  if (make) return make(api, home)
  // What the API itself makes of an example body needs no maker of its own.
  const create = creatorOf(api, resource)
  if (!create) throw new Error(`api/resources-testing.ts does not know how to make a ${resource}`)
  const example = exampleOf(create) as unknown as Call<Endpoint>
  return { [resource]: await made(api.call(create, example, home.admin)) }
}

/** The POST to the list that things of a kind stand in, where it names nothing itself. */
function creatorOf(api: TestApi, resource: string): Endpoint | undefined {
  const endpoints = endpointsOf(api)
  const lists = endpoints.flatMap((endpoint) =>
    Object.entries(endpoint.resources ?? {})
      .filter(([name, kind]) => kind === resource && endpoint.path.endsWith(`/:${name}`))
      .map(([name]) => endpoint.path.slice(0, -`/:${name}`.length)),
  )
  return endpoints.find(({ method, path }) => method === 'POST' && lists.includes(path))
}

async function insert(
  api: TestApi,
  resource: string,
  text: string,
  organizationId: string,
  values: unknown[] = [],
): Promise<Made> {
  const id = randomUUIDv7()
  await api.database.query('admin', text, [organizationId, id, ...values])
  return { [resource]: id }
}

async function made(
  calling: Promise<{ statusCode: number; body: string; json(): { id: string } }>,
): Promise<string> {
  const response = await calling
  if (response.statusCode >= 300) throw new Error(`a fixture was refused: ${response.body}`)
  return response.json().id
}
