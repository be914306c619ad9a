import type Stripe from 'stripe'
import type { Journal } from '../kit/journal.ts'
import type { Store } from './store.ts'
import type { Webhooks } from './webhooks.ts'

/** Whose request something happened in; absent for what happens by itself or on the hosted page. */
export type Origin = { requestId: string; idempotencyKey: string | null }

/** What all parts of the stand-in share. */
export type World = {
  store: Store
  journal: Journal
  webhooks: Webhooks
  secretKey: string
  /** How long a change takes: two requests with one idempotency key meet within it. */
  workMs: number
  now(): number
  /** Where this stand-in is reached, for hosted pages and receipts. */
  origin(): string
}

export const seconds = (world: World): number => Math.floor(world.now() / 1_000)

/** Stripe's version of the API that this stand-in speaks, and no other. */
export const API_VERSION = '2026-10-28.endive'

export type EventType = Stripe.Event['type']
