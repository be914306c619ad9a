import type { z } from 'zod'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { Permission } from '#api/contract/permissions.ts'

/** A response that is bytes (audio, CSV) rather than JSON; its handler writes to the reply itself. */
export type Bytes = { contentTypes: readonly string[] }

/**
 * Limits an endpoint declares beside the general ones, with whom they count: `invites` and `call-start` for the
 * organization, `invite-accept` and `signed-links` for the address. `none` is for probes, which are not counted at
 * all; `exports` are the person's, and downloads of CSV count as such without saying so.
 */
export type DeclaredLimit =
  | 'none'
  | 'invites'
  | 'invite-accept'
  | 'signed-links'
  | 'call-start'
  | 'exports'

export type Endpoint = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: `/${string}`
  permission: Permission | 'anyone' | 'signed in'
  summary: string
  /** For people only: a program's API key is refused. */
  peopleOnly?: true
  /** Takes an `Idempotency-Key`: sent twice, it happens once and is answered the same (THREATS T9). */
  idempotent?: true
  limit?: DeclaredLimit
  /** Refused where the organization has this feature switched off. */
  feature?: FeatureFlag
  /** 200 where absent. */
  status?: 200 | 201 | 202 | 204
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** The body is a file of one of these types, as it is; there is no `body` then. */
  upload?: { mediaTypes: readonly string[]; maxBytes: number }
  response: z.ZodType
  /** Present on endpoints that stream bytes; `response` then describes nothing. */
  bytes?: Bytes
  /** What each id in the path, the query or the body names, for the document and the isolation walk. */
  resources?: Record<string, string>
}

type Part<E, K extends string, D extends 'in' | 'out'> = E extends {
  [P in K]: infer S extends z.ZodType
}
  ? { [P in K]: D extends 'in' ? z.input<S> : z.output<S> }
  : unknown

/** What a caller passes, before parsing. */
export type Call<E extends Endpoint> = Part<E, 'params', 'in'> &
  Part<E, 'query', 'in'> &
  Part<E, 'body', 'in'>
/** What a handler receives, after parsing. */
export type Received<E extends Endpoint> = Part<E, 'params', 'out'> &
  Part<E, 'query', 'out'> &
  Part<E, 'body', 'out'>
export type Answer<E extends Endpoint> = z.output<E['response']>

export const endpoint = <const E extends Endpoint>(declared: E): E => declared
