import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { operation } from '../api.ts'
import { createdRange, expand, paging, text } from '../form.ts'
import { isCreatedWithin, listOf } from '../lists.ts'
import { invalid, noSuch } from '../refusals.ts'
import type { World } from '../world.ts'

const MAX_TYPES = 20 // Stripe's own

const listing = z.strictObject({
  ...paging,
  created: createdRange,
  type: text.optional(),
  types: z.array(text).max(MAX_TYPES).optional(),
})

export function eventRoutes(app: FastifyInstance, world: World): void {
  const { events } = world.store.tables

  operation(app, world, 'GET', '/v1/events/:id', z.strictObject({ expand }), ({ id }) => {
    const found = events.get(id)
    if (!found) throw noSuch('event', id)
    return found
  })

  operation(app, world, 'GET', '/v1/events', listing, (given) => {
    if (given.type !== undefined && given.types !== undefined)
      throw invalid('You may only specify one of these parameters: type, types.')
    const wanted = given.types ?? (given.type === undefined ? undefined : [given.type])
    const rows = [...events.values()].filter(
      (event) =>
        (!wanted || wanted.some((type) => matches(type, event.type))) &&
        isCreatedWithin(event.created, given.created),
    )
    return listOf('/v1/events', rows, given)
  })
}

const matches = (wanted: string, type: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
