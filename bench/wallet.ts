import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'
import { holdStatement, settleStatement } from '#api/domains/wallet/queries.ts'
import { holdSlice, settleHold } from '#api/domains/wallet/service.ts'
import { type WalletLab, walletLab } from '#api/domains/wallet/testing.ts'

export type Row = {
  name: string
  value: number
  unit: string
  baseline: number
  /** Value over baseline. */
  ratio: number
  goal: string
  met: boolean
}
export type Bench = { name: string; run(): Promise<Row[]> }

const CONNECTIONS = 8 // both sides; with 32 a contended wallet runs at half the speed
const WALLETS = 1_000
const CALLS = 500 // of one side in one round
const ROUNDS = 7 // sides take turns, so that a busy machine slows both; the middle ratio counts
const ENOUGH_MS = 18_000 // of one comparison; on a busy machine fewer rounds must do
const GOAL = 0.85 // of the same statements through the driver alone
const PRICE = 3_600
const PLENTY_CENTS = 1_000_000_000

const steps = ['hold', 'extend', 'settle'] as const
type StepName = (typeof steps)[number]
type Call = { organizationId: string; callId: string }
type Side = Record<StepName, (call: Call) => Promise<unknown>>

/** Money through the service against the same SQL through `pg`: what the layers between cost. */
export const benches: Bench[] = [{ name: 'wallet', run: runWallet }]

async function runWallet(): Promise<Row[]> {
  const lab = await walletLab()
  const pool = new pg.Pool({ connectionString: lab.t.urls.app, max: CONNECTIONS })
  try {
    const organizations = await openWallets(lab)
    const sides = { service: throughService(lab), driver: throughDriver(pool) }
    return [
      ...(await compare(`${WALLETS} wallets`, sides, organizations)),
      ...(await compare('one hot wallet', sides, organizations.slice(0, 1))),
    ]
  } finally {
    await pool.end()
    await lab.close()
  }
}

const slice = (callId: string, n: number) => ({
  callId,
  pricePerHourCents: PRICE,
  priceId: null,
  slice: n,
  totalSeconds: n * 60,
  minimumSeconds: 10,
})

function throughService(lab: WalletLab): Side {
  const hold = (n: number) => (call: Call) =>
    holdSlice(lab.ctx(call.organizationId), slice(call.callId, n))
  return {
    hold: hold(1),
    extend: hold(2),
    settle: ({ organizationId, callId }) =>
      settleHold(lab.ctx(organizationId), { callId, billableSeconds: 75 }),
  }
}

/** The same messages in the same transaction, and nothing else. */
function throughDriver(pool: pg.Pool): Side {
  const run = async (organizationId: string, name: string, text: string, values: unknown[]) => {
    const client = await pool.connect()
    try {
      await client.query(
        `begin; set local statement_timeout = 5000; set local app.organization_id = '${organizationId}'`,
      )
      const result = await client.query({ name, text, values })
      await client.query('commit')
      return result.rows[0]
    } finally {
      client.release()
    }
  }
  const hold = (n: number) => (call: Call) =>
    run(call.organizationId, 'hold', holdStatement, [
      call.organizationId,
      call.callId,
      PRICE,
      null,
      n,
      n * 60,
      10,
      'job',
    ])
  return {
    hold: hold(1),
    extend: hold(2),
    settle: ({ organizationId, callId }) =>
      run(organizationId, 'settle', settleStatement, [organizationId, callId, 75, 'job']),
  }
}

async function compare(
  what: string,
  sides: { service: Side; driver: Side },
  organizations: string[],
): Promise<Row[]> {
  const rates = {
    service: { hold: [], extend: [], settle: [] } as Record<StepName, number[]>,
    driver: { hold: [], extend: [], settle: [] } as Record<StepName, number[]>,
  }
  const started = performance.now()
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 1 && performance.now() - started > ENOUGH_MS) break
    const order = round % 2 ? (['service', 'driver'] as const) : (['driver', 'service'] as const)
    for (const side of order) {
      const calls = Array.from({ length: CALLS }, (_, i) => ({
        organizationId: organizations[i % organizations.length]!,
        callId: randomUUIDv7(),
      }))
      for (const step of steps) {
        const rate = await perSecond(calls, sides[side][step])
        if (round > 0) rates[side][step].push(rate) // the first round warms the plans and the code
      }
    }
  }
  return steps.map((step) => {
    const pairs = rates.service[step].map((rate, i) => rate / rates.driver[step][i]!)
    const ratio = middle(pairs)
    return {
      name: `wallet ${step}, ${what}, ${CONNECTIONS} connections`,
      value: Math.round(middle(rates.service[step])),
      unit: 'a second',
      baseline: Math.round(middle(rates.driver[step])),
      ratio: Math.round(ratio * 100) / 100,
      goal: `>= ${GOAL} of the driver alone`,
      met: ratio >= GOAL,
    }
  })
}

async function perSecond(calls: Call[], act: (call: Call) => Promise<unknown>): Promise<number> {
  const waiting = [...calls]
  const hand = async () => {
    for (let call = waiting.pop(); call; call = waiting.pop()) await act(call)
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, hand))
  return calls.length / ((performance.now() - started) / 1000)
}

const middle = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function openWallets(lab: WalletLab): Promise<string[]> {
  await lab.t.query(
    'admin',
    `do $$
     declare org uuid;
     begin
       for i in 1..${WALLETS} loop
         org := gen_random_uuid();
         perform set_config('app.organization_id', org::text, true);
         insert into organizations (id, name) values (org, 'Bench');
         perform wallet_open(org, 'usd');
         perform wallet_post(org, 'grant', ${PLENTY_CENTS}, 'grant:bench', null, '{}');
       end loop;
     end $$`,
  )
  const rows = await lab.t.query<{ id: string }>('admin', 'select id from organizations')
  return rows.map((row) => row.id)
}
