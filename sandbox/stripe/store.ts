import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type Stripe from 'stripe'
import type { Behaviour } from './cards.ts'

/** What a session was asked for and does not show. */
export type SessionPlan = {
  lineItems: Stripe.LineItem[]
  metadata: Record<string, string>
  description: string | null
  setupFutureUsage: 'off_session' | 'on_session' | null
  /** The card that waits for its owner to authenticate. */
  pendingPaymentMethodId?: string
}

/** The first answer to an idempotency key. */
export type KeptAnswer = {
  fingerprint: string
  requestId: string
  status: number
  body: object
  at: number
}

type Tables = {
  customers: Stripe.Customer
  paymentMethods: Stripe.PaymentMethod
  paymentIntents: Stripe.PaymentIntent
  setupIntents: Stripe.SetupIntent
  charges: Stripe.Charge
  refunds: Stripe.Refund
  disputes: Stripe.Dispute
  sessions: Stripe.Checkout.Session
  events: Stripe.Event
  behaviours: Behaviour
  plans: SessionPlan
  answers: KeptAnswer
}
type TableName = keyof Tables
type State = { [Name in TableName]: Map<string, Tables[Name]> }

const names: readonly TableName[] = [
  'customers',
  'paymentMethods',
  'paymentIntents',
  'setupIntents',
  'charges',
  'refunds',
  'disputes',
  'sessions',
  'events',
  'behaviours',
  'plans',
  'answers',
]
const MAX_ROWS = 5_000 // of one table; the oldest make room, so a looping test cannot fill the memory

/** Everything the account holds, by id; kept in a file when one is given. */
export class Store {
  readonly tables: State
  readonly #file: string | undefined

  constructor(file?: string) {
    this.#file = file
    const kept = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
    const tables = names.map((name) => [name, new Map(Object.entries(kept[name] ?? {}))])
    // The names are those of the type, and the file holds what `save` wrote.
    this.tables = Object.fromEntries(tables) as State
  }

  add<Name extends TableName>(table: Name, id: string, row: Tables[Name]): Tables[Name] {
    const rows: Map<string, Tables[Name]> = this.tables[table]
    rows.set(id, row)
    const [oldest] = rows.keys()
    if (rows.size > MAX_ROWS && oldest !== undefined) rows.delete(oldest)
    return row
  }

  save(): void {
    if (!this.#file) return
    const kept = names.map((name) => [name, Object.fromEntries(this.tables[name])])
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(kept)))
    renameSync(`${this.#file}.new`, this.#file)
  }
}
