import { invalid } from './refusals.ts'
import type { World } from './world.ts'

const MAX_DEPTH = 4 // Stripe's own limit
const expandable = new Set([
  'charge',
  'customer',
  'default_payment_method',
  'invoice_settings',
  'latest_charge',
  'line_items',
  'payment_intent',
  'payment_method',
  'setup_intent',
])

/** Replaces ids by their objects along paths such as `payment_intent.latest_charge` or `data.customer`. */
export function expanded(world: World, object: object, paths: readonly string[]): object {
  const copy: Record<string, unknown> = structuredClone(object) as Record<string, unknown>
  for (const path of paths) {
    const steps = path.split('.')
    if (steps.length > MAX_DEPTH)
      throw invalid('You cannot expand more than 4 levels of a property.', 'expand')
    const rows = Array.isArray(copy.data) && steps[0] === 'data' ? copy.data : [copy]
    const rest = steps[0] === 'data' ? steps.slice(1) : steps
    for (const row of rows) expandOne(world, row, rest, path)
  }
  return copy
}

function expandOne(world: World, row: unknown, steps: string[], path: string): void {
  let at = row
  for (const step of steps) {
    if (!isObject(at)) return
    if (!expandable.has(step) || !(step in at || step === 'line_items'))
      throw invalid(`This property cannot be expanded (${path}).`, 'expand')
    if (step === 'line_items') at.line_items = lineItems(world, at)
    const value = at[step]
    if (typeof value === 'string') at[step] = structuredClone(find(world, value) ?? value)
    at = at[step]
  }
}

function find(world: World, id: string): object | undefined {
  const { customers, paymentMethods, paymentIntents, setupIntents, charges } = world.store.tables
  for (const table of [customers, paymentMethods, paymentIntents, setupIntents, charges]) {
    const found = table.get(id)
    if (found) return found
  }
  return undefined
}

const lineItems = (world: World, session: Record<string, unknown>) => ({
  object: 'list',
  data: world.store.tables.plans.get(String(session.id))?.lineItems ?? [],
  has_more: false,
  url: `/v1/checkout/sessions/${String(session.id)}/line_items`,
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
