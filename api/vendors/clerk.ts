import { z } from 'zod'
import type { ClerkClient, ClerkUser } from '#api/core/vendors.ts'
import type { Breaker } from './breakers.ts'
import { jsonApi } from './json-api.ts'

const CLERK_URL = 'https://api.clerk.com'
const API_VERSION = '2026-05-12' // what @clerk/backend 3.20 sends; answers keep this shape

const user = z.object({
  id: z.string(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  primary_email_address_id: z.string().nullish(),
  /** Milliseconds. */
  updated_at: z.number(),
  email_addresses: z.array(
    z.object({
      id: z.string(),
      email_address: z.string(),
      verification: z.object({ status: z.string() }).nullish(),
    }),
  ),
})

const errors = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) })

/**
 * Clerk's Backend API, the one route we need of it. Called without its SDK, which can neither bound
 * the connection nor refuse redirects nor cap an answer (THREATS B7).
 */
export function clerkClient(options: {
  secretKey: string
  baseUrl: string | null
  breaker?: Breaker
}): ClerkClient {
  const api = jsonApi({
    name: 'clerk',
    baseUrl: options.baseUrl ?? CLERK_URL,
    headers: { authorization: `Bearer ${options.secretKey}`, 'clerk-api-version': API_VERSION },
    ...(options.breaker && { breaker: options.breaker }),
    errorCode: (body) => errors.safeParse(body).data?.errors[0]?.code,
  })
  return {
    async fetchUser(clerkUserId) {
      const path = `/v1/users/${encodeURIComponent(clerkUserId)}`
      const found = await api.find(
        { operation: 'fetch-user', method: 'GET', path, repeatable: true },
        user,
      )
      return found && describe(found)
    },
  }
}

/** The primary address counts; Clerk lists the others too. */
function describe(found: z.output<typeof user>): ClerkUser {
  const primary =
    found.email_addresses.find(({ id }) => id === found.primary_email_address_id) ??
    found.email_addresses[0]
  return {
    clerkUserId: found.id,
    email: primary?.email_address ?? '',
    emailVerified: primary?.verification?.status === 'verified',
    name: [found.first_name, found.last_name].filter(Boolean).join(' '),
    updatedAt: new Date(found.updated_at),
  }
}
