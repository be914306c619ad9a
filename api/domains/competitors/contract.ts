import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

const points = z.array(z.string().trim().min(1).max(300)).max(20)

export const competitor = z.object({
  id: z.uuid(),
  name: z.string(),
  website: z.string().nullable(),
  strengths: z.array(z.string()),
  weaknesses: z.array(z.string()),
  /** What to say when a customer brings them up. */
  talkingPoints: z.array(z.string()),
  createdAt: instant,
  updatedAt: instant,
})

const fields = {
  name: z.string().trim().min(1).max(120),
  website: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .nullable(),
  strengths: points,
  weaknesses: points,
  talkingPoints: points,
}
const params = z.strictObject({ competitorId: z.uuid() })
const resources = { competitorId: 'competitor' }

export const listCompetitors = endpoint({
  method: 'GET',
  path: '/v1/competitors',
  permission: 'competitors.read',
  summary: 'Competitors with what to say about them, newest first',
  query: pageQuery.extend({
    /** Part of the name. */
    search: z.string().trim().min(1).max(120).optional(),
  }),
  response: pageOf(competitor),
})

export const getCompetitor = endpoint({
  method: 'GET',
  path: '/v1/competitors/:competitorId',
  permission: 'competitors.read',
  summary: 'One competitor',
  params,
  response: competitor,
  resources,
})

export const createCompetitor = endpoint({
  method: 'POST',
  path: '/v1/competitors',
  permission: 'competitors.write',
  summary: 'Adds a competitor; a name is taken once',
  status: 201,
  body: z.strictObject({
    name: fields.name,
    website: fields.website.default(null),
    strengths: points.default([]),
    weaknesses: points.default([]),
    talkingPoints: points.default([]),
  }),
  response: competitor,
})

export const updateCompetitor = endpoint({
  method: 'PATCH',
  path: '/v1/competitors/:competitorId',
  permission: 'competitors.write',
  summary: 'Changes what is given and leaves the rest',
  params,
  body: z.strictObject(fields).partial(),
  response: competitor,
  resources,
})

export const deleteCompetitor = endpoint({
  method: 'DELETE',
  path: '/v1/competitors/:competitorId',
  permission: 'competitors.write',
  summary: 'Takes a competitor away',
  status: 204,
  params,
  response: z.void(),
  resources,
})
