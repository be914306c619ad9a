import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const MAX_BULK_NUMBERS = 2_000 // a JSON body has 64 KiB

export const doNotCallNumber = z.object({
  id: z.uuid(),
  /** E.164 */
  number: z.string(),
  note: z.string(),
  createdAt: instant,
})

const note = z.string().trim().max(200).default('')
const params = z.strictObject({ doNotCallNumberId: z.uuid() })
const resources = { doNotCallNumberId: 'do-not-call-number' }

export const listDoNotCallNumbers = endpoint({
  method: 'GET',
  path: '/v1/do-not-call-numbers',
  permission: 'calls.start',
  summary: 'Numbers that are not called, newest first',
  query: pageQuery.extend({
    /** Part of the number. */
    search: z.string().trim().min(1).max(20).optional(),
  }),
  response: pageOf(doNotCallNumber),
})

export const addDoNotCallNumber = endpoint({
  method: 'POST',
  path: '/v1/do-not-call-numbers',
  permission: 'calls.start',
  summary: 'Takes a number out of reach of all calls out; one that is there already stays as it is',
  status: 201,
  body: z.strictObject({ number: z.string().regex(/^\+[1-9]\d{6,14}$/), note }),
  response: doNotCallNumber,
})

export const addDoNotCallNumbers = endpoint({
  method: 'POST',
  path: '/v1/do-not-call-numbers/bulk',
  permission: 'calls.start',
  summary: 'Adds many at once; what is no number is told and left out',
  body: z.strictObject({
    /** As people write them, with their country code. */
    numbers: z.array(z.string().max(40)).min(1).max(MAX_BULK_NUMBERS),
    note,
  }),
  response: z.object({
    added: z.int(),
    alreadyThere: z.int(),
    invalid: z.array(z.string()),
  }),
})

export const removeDoNotCallNumber = endpoint({
  method: 'DELETE',
  path: '/v1/do-not-call-numbers/:doNotCallNumberId',
  permission: 'organization.update',
  summary: 'Lets a number be called again',
  status: 204,
  params,
  response: z.void(),
  resources,
})
