import type Stripe from 'stripe'
import { newId } from './ids.ts'
import { API_VERSION, type EventType, type Origin, seconds, type World } from './world.ts'

/** Keeps what happened as an event and begins to deliver it. */
export function emit(
  world: World,
  type: EventType,
  object: object,
  origin?: Origin,
  previous?: Record<string, unknown>,
): Stripe.Event {
  const id = newId('evt')
  const event = {
    id,
    object: 'event',
    api_version: API_VERSION,
    created: seconds(world),
    data: {
      object: structuredClone(object),
      ...(previous && { previous_attributes: previous }),
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: origin?.requestId ?? null, idempotency_key: origin?.idempotencyKey ?? null },
    type,
    // The union of all events pairs each type with its object; callers here pass those that belong together.
  } as Stripe.Event
  world.store.add('events', id, event)
  world.webhooks.deliver(event)
  return event
}
