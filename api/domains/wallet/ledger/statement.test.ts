import { randomUUIDv7 } from 'node:crypto'
import { extractText, getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from '../contract.ts'
import * as money from '../queries.ts'
import { holdSlice, settleHold } from '../service.ts'

const CENT_A_SECOND = 3_600
const LAST_MONTH = '2026-09' // any month that is over

let api: TestApi
let admin: Person
let org: string
beforeAll(async () => {
  api = await testApi()
  admin = await api.aHolderOf('admin')
  org = admin.organizationId ?? ''
})
afterAll(() => api.close())

const own = () => forOrganization(api.ctx, org)
const post = (kind: 'top_up' | 'adjustment' | 'grant' | 'refund', amountCents: number) =>
  inTransaction(own(), (tx) =>
    money.post(tx.db, org, {
      kind,
      amountCents,
      businessKey: `${kind}:${randomUUIDv7()}`,
      actorId: '=cmd|calc',
      explanation: {},
    }),
  )

async function aCharge(kind: 'agent' | 'live', seconds: number): Promise<string> {
  const callId = randomUUIDv7()
  await api.database.query(
    'admin',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number, twilio_call_sid, price_per_hour_cents)
     values ($1, $2, $3, 'inbound', '+15550001111', '+15550002222', $4, $5)`,
    [org, callId, kind, `CA${callId.replaceAll('-', '')}`, CENT_A_SECOND],
  )
  const asked = { callId, pricePerHourCents: CENT_A_SECOND, priceId: null, minimumSeconds: 10 }
  await holdSlice(own(), { ...asked, slice: 1, totalSeconds: 100 })
  await settleHold(own(), { callId, billableSeconds: seconds })
  return callId
}

/** Moves all lines there are to moments within a month, in their order. */
async function backdate(month: string): Promise<void> {
  const change = (sql: string) => api.database.query('admin', sql)
  await change('alter table ledger_entries disable trigger user')
  await api.database.query(
    'admin',
    `update ledger_entries set at = $2::timestamptz + sequence * interval '1 hour',
       id = (lpad(to_hex((extract(epoch from $2::timestamptz + sequence * interval '1 hour') * 1000)::bigint), 12, '0')
             || '7000' || '8000' || lpad(to_hex(sequence), 12, '0'))::uuid
      where organization_id = $1`,
    [org, `${month}-10T00:00:00Z`],
  )
  await change('alter table ledger_entries enable trigger user')
}

const statementOf = async (month: string): Promise<z.output<typeof contract.statement>> => {
  const response = await api.call(contract.getStatement, { params: { month } }, admin)
  expect(response.statusCode).toBe(200)
  return contract.statement.parse(response.json())
}
const textOf = async (bytes: Buffer): Promise<string> => {
  const document = await getDocumentProxy(new Uint8Array(bytes))
  return (await extractText(document, { mergePages: true })).text
}

let firstCall: string
test('a month adds up what its ledger lines say', async () => {
  await post('top_up', 20_000)
  await post('grant', 500)
  await post('adjustment', -40)
  firstCall = await aCharge('agent', 60)
  await aCharge('agent', 15)
  await aCharge('live', 100)
  await aCharge('live', 0) // gave everything back
  await backdate(LAST_MONTH)
  await post('refund', -1_000)
  await aCharge('agent', 7)

  const before = await statementOf(LAST_MONTH)
  expect(before).toMatchObject({
    currency: 'usd',
    isComplete: true,
    openingCents: 0,
    credits: [
      { kind: 'grant', lines: 1, amountCents: 500 },
      { kind: 'top_up', lines: 1, amountCents: 20_000 },
    ],
    debits: [{ kind: 'adjustment', lines: 1, amountCents: 40 }],
    charges: [
      { kind: 'agent', calls: 2, billedSeconds: 75, amountCents: 75 },
      { kind: 'live', calls: 1, billedSeconds: 100, amountCents: 100 },
    ],
    closingCents: 20_285,
    closingHeldCents: 0,
  })
  const month = new Date().toISOString().slice(0, 7)
  const now = await statementOf(month)
  expect(now).toMatchObject({
    isComplete: false,
    openingCents: 20_285,
    debits: [{ kind: 'refund', lines: 1, amountCents: 1_000 }],
    totalChargesCents: 7,
    closingCents: 19_278,
  })
  for (const one of [before, now])
    expect(one.closingCents).toBe(
      one.openingCents + one.totalCreditsCents - one.totalDebitsCents - one.totalChargesCents,
    )
  const months = await api.call(contract.listStatements, {}, admin)
  expect(months.json()).toEqual({
    items: expect.arrayContaining([
      { month, isComplete: false },
      { month: LAST_MONTH, isComplete: true },
    ]),
  })
})

test('every month together makes the balance of the wallet', async () => {
  const { items } = contract.listStatements.response.parse(
    (await api.call(contract.listStatements, {}, admin)).json(),
  )
  const statements = await Promise.all(items.map(({ month }) => statementOf(month)))
  const moved = statements.reduce(
    (sum, one) => sum + one.totalCreditsCents - one.totalDebitsCents - one.totalChargesCents,
    0,
  )
  const wallet = contract.wallet.parse((await api.call(contract.getWallet, {}, admin)).json())
  expect(moved).toBe(wallet.balanceCents)
})

test('the month begins and ends where the organization’s day does', async () => {
  await api.database.query(
    'admin',
    `update organizations set time_zone = 'Pacific/Auckland' where id = $1`,
    [org],
  )
  expect(await statementOf(LAST_MONTH)).toMatchObject({
    from: new Date('2026-08-31T12:00:00Z'),
    to: new Date('2026-09-30T11:00:00Z'), // summer time began there
  })
  await api.database.query('admin', `update organizations set time_zone = 'UTC' where id = $1`, [
    org,
  ])
})

test('the statement as CSV and as PDF says the same numbers', async () => {
  const asked = { params: { month: LAST_MONTH } }
  const csv = await api.call(contract.exportStatement, asked, admin)
  expect([csv.statusCode, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
  expect(csv.body.split('\r\n').slice(1, -1)).toEqual([
    `${LAST_MONTH},usd,opening,,,,0`,
    `${LAST_MONTH},usd,credit,grant,1,,500`,
    `${LAST_MONTH},usd,credit,top_up,1,,20000`,
    `${LAST_MONTH},usd,debit,adjustment,1,,40`,
    `${LAST_MONTH},usd,charge,agent,2,75,75`,
    `${LAST_MONTH},usd,charge,live,1,100,100`,
    `${LAST_MONTH},usd,closing,,,,20285`,
  ])
  const pdf = await api.call(contract.printStatement, asked, admin)
  expect([pdf.statusCode, pdf.headers['content-type']]).toEqual([200, 'application/pdf'])
  expect(pdf.headers['content-disposition']).toContain(`statement-${LAST_MONTH}.pdf`)
  const text = await textOf(pdf.rawPayload)
  for (const part of [
    'Statement September 2026',
    'Opening balance',
    '$200.00',
    'Agent calls',
    '0:01:15',
    '-$0.75',
    '-$1.00',
    '$202.85',
  ])
    expect(text).toContain(part)
})

test('a month to come, one that is none, and another’s are refused', async () => {
  const ask = (month: string, as: Person) =>
    api.call(contract.getStatement, { params: { month } }, as)
  expect((await ask('2099-01', admin)).statusCode).toBe(404)
  for (const month of ['2026-13', '2026-9', '26-09', '2026-09-01'])
    expect((await ask(month, admin)).statusCode).toBe(400)
  const seller = await api.aHolderOf('sales_person', org)
  expect((await ask(LAST_MONTH, seller)).statusCode).toBe(403)
  const stranger = await api.aHolderOf('admin')
  const theirs = await ask(LAST_MONTH, stranger)
  expect(theirs.json()).toMatchObject({ openingCents: 0, charges: [], closingCents: 0 })
})

test('lines are filtered by kind, call and time, page by page, with the balance after each', async () => {
  const list = async (query: Record<string, string>) => {
    const { body } = await api.call(contract.listLedgerEntries, { query } as never, admin)
    return contract.listLedgerEntries.response.parse(JSON.parse(body))
  }
  const topUps = await list({ kind: 'top_up' })
  expect(topUps.items.map((line) => line.balanceAfterCents)).toEqual([20_000])
  const ofCall = await list({ callId: firstCall })
  expect(ofCall.items.map(({ kind }) => kind)).toEqual(['release', 'capture', 'hold'])

  const all = (await list({ limit: '100' })).items
  const middle = all[5]?.at ?? new Date()
  const from = middle.toISOString()
  const late = (await list({ from, limit: '100' })).items
  const early = (await list({ to: from, limit: '100' })).items
  expect(late.map(({ id }) => id)).toEqual(all.filter(({ at }) => at >= middle).map(({ id }) => id))
  expect(early.map(({ id }) => id)).toEqual(all.filter(({ at }) => at < middle).map(({ id }) => id))

  const paged = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof list>> = await list({
      limit: '3',
      kind: 'capture',
      ...(cursor && { cursor }),
    })
    paged.push(...page.items)
    cursor = page.nextCursor
  } while (cursor)
  expect(paged).toEqual(all.filter(({ kind }) => kind === 'capture'))
})

test('the CSV of the ledger has every line, and nothing in it that a spreadsheet would run', async () => {
  const csv = await api.call(contract.exportLedgerEntries, { query: { kind: 'refund' } }, admin)
  const lines = csv.body.split('\r\n')
  expect(lines[0]).toContain('sequence,at,kind')
  expect(lines.slice(1, -1)).toHaveLength(1)
  expect(lines[1]).toContain(`,"'=cmd|calc",`)
  const everything = await api.call(contract.exportLedgerEntries, { query: {} }, admin)
  const [{ count } = { count: 0 }] = await api.database.query<{ count: number }>(
    'admin',
    'select count(*) from ledger_entries where organization_id = $1',
    [org],
  )
  expect(everything.body.split('\r\n').length - 2).toBe(count)
})
