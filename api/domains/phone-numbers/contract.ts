import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const routes = ['gateway', 'registered', 'native'] as const

export const phoneNumber = z.object({
  id: z.uuid(),
  e164: z.string(),
  label: z.string(),
  /** Who answers: our gateway, ElevenLabs after we let the call through, or ElevenLabs alone. */
  route: z.enum(routes),
  agentId: z.uuid().nullable(),
  agentName: z.string().nullable(),
  maxConcurrentCalls: z.int(),
  createdAt: instant,
})

export const listPhoneNumbers = endpoint({
  method: 'GET',
  path: '/v1/phone-numbers',
  permission: 'phone-numbers.read',
  summary: "The organization's phone numbers, newest first",
  query: pageQuery,
  response: pageOf(phoneNumber),
})
