import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { newId } from '../ids.ts'
import type { Json } from '../json.ts'
import { flag, pageOf, pageQuery } from '../paging.ts'
import { badRequest, notFound, parse } from '../problems.ts'
import type { PhoneNumber } from '../store.ts'
import { findNumber, pointNumberAt } from '../twilio-client.ts'
import type { World } from '../world.ts'

export const INBOUND_PATH = '/twilio/inbound_call'
export const STATUS_PATH = '/twilio/status-callback'

const importBody = z.looseObject({
  provider: z.literal('twilio').default('twilio'),
  phone_number: z.string(),
  label: z.string(),
  sid: z.string(),
  token: z.string(),
  agent_id: z.string().nullish(),
})
const patchBody = z.looseObject({
  agent_id: z.string().nullish(),
  label: z.string().nullish(),
})
const filters = { provider: z.string().optional(), agent_id: z.string().optional() }
const listQuery = z.looseObject(filters)
const pagedQuery = z.looseObject({
  ...pageQuery,
  ...filters,
  search: z.string().optional(),
  label: z.string().optional(),
  phone_number: z.string().optional(),
  supports_outbound: flag.optional(),
  sort_by: z.string().optional(),
  sort_direction: z.enum(['asc', 'desc']).default('asc'),
})

type ById = { Params: { phoneNumberId: string } }

export function phoneNumberRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.post('/v1/convai/phone-numbers', async (request) => {
    const body = parse(importBody, request.body, 'body')
    for (const known of store.phoneNumbers.values())
      if (known.phone_number === body.phone_number)
        throw badRequest('phone_number_already_exists', 'This number is already imported.')
    if (body.agent_id && !store.agents.has(body.agent_id)) throw notFound('Agent', body.agent_id)
    const number = await importNumber(world, body)
    store.phoneNumbers.set(number.phone_number_id, number)
    store.changed()
    return { phone_number_id: number.phone_number_id }
  })

  app.get('/v1/convai/phone-numbers', async (request) => {
    const query = parse(listQuery, request.query, 'query')
    return select(world, query).map((number) => phoneNumberView(world, number))
  })

  app.get('/v1/convai/v2/phone-numbers', async (request) => {
    const query = parse(pagedQuery, request.query, 'query')
    const wanted = query.search?.toLowerCase() ?? ''
    const found = select(world, query).filter(
      (n) =>
        `${n.label} ${n.phone_number}`.toLowerCase().includes(wanted) &&
        (query.label === undefined || n.label === query.label) &&
        (query.phone_number === undefined || n.phone_number === query.phone_number) &&
        (query.supports_outbound === undefined || n.supports_outbound === query.supports_outbound),
    )
    if (query.sort_direction === 'desc') found.reverse()
    const page = pageOf(found, (number) => number.phone_number_id, query)
    return {
      phone_numbers: page.items.map((number) => phoneNumberView(world, number)),
      next_cursor: page.next_cursor,
      has_more: page.has_more,
    }
  })

  app.get<ById>('/v1/convai/phone-numbers/:phoneNumberId', async (request) =>
    phoneNumberView(world, getNumber(world, request.params.phoneNumberId)),
  )

  app.patch<ById>('/v1/convai/phone-numbers/:phoneNumberId', async (request) => {
    const number = getNumber(world, request.params.phoneNumberId)
    const body = parse(patchBody, request.body ?? {}, 'body')
    if (body.agent_id && !store.agents.has(body.agent_id)) throw notFound('Agent', body.agent_id)
    if (body.agent_id && !number.supports_inbound)
      throw badRequest('phone_number_not_inbound', 'A verified caller id cannot take calls.')
    if (body.agent_id !== undefined) number.agent_id = body.agent_id
    if (typeof body.label === 'string') number.label = body.label
    store.changed()
    return phoneNumberView(world, number)
  })

  app.delete<ById>('/v1/convai/phone-numbers/:phoneNumberId', async (request, reply) => {
    store.phoneNumbers.delete(getNumber(world, request.params.phoneNumberId).phone_number_id)
    store.changed()
    return reply.type('application/json').send('null')
  })
}

export function getNumber(world: World, id: string): PhoneNumber {
  const number = world.store.phoneNumbers.get(id)
  if (!number) throw notFound('Phone number', id)
  return number
}

export function phoneNumberView(world: World, number: PhoneNumber): Json {
  const agent = number.agent_id ? world.store.agents.get(number.agent_id) : undefined
  return {
    phone_number: number.phone_number,
    label: number.label,
    supports_inbound: number.supports_inbound,
    supports_outbound: number.supports_outbound,
    phone_number_id: number.phone_number_id,
    provider: 'twilio',
    assigned_agent: agent
      ? { agent_id: agent.agent_id, agent_name: agent.name, environment: null, branch_id: null }
      : null,
  }
}

/** Importing takes the number over: its VoiceUrl and StatusCallback now point here. */
async function importNumber(world: World, body: z.output<typeof importBody>): Promise<PhoneNumber> {
  const account = { baseUrl: world.twilioUrl, sid: body.sid, token: body.token }
  const found = await findNumber(account, body.phone_number)
  if (!found)
    throw badRequest('phone_number_not_found', 'The Twilio account does not own this number.')
  const isIncoming = found.kind === 'incoming'
  if (isIncoming)
    await pointNumberAt(account, found.sid, {
      voiceUrl: `${world.url}${INBOUND_PATH}`,
      statusCallback: `${world.url}${STATUS_PATH}`,
    })
  return {
    phone_number_id: newId('phnum_'),
    phone_number: body.phone_number,
    label: body.label,
    supports_inbound: isIncoming,
    supports_outbound: true,
    agent_id: isIncoming ? (body.agent_id ?? null) : null,
    sid: body.sid,
    token: body.token,
  }
}

function select(
  world: World,
  query: { provider?: string | undefined; agent_id?: string | undefined },
): PhoneNumber[] {
  if (query.provider !== undefined && query.provider !== 'twilio') return []
  return [...world.store.phoneNumbers.values()].filter(
    (number) => query.agent_id === undefined || number.agent_id === query.agent_id,
  )
}
