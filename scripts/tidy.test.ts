import { expect, test } from 'vitest'
import {
  findEnvironmentReads,
  findForeignWrites,
  findLeftovers,
  findUnservedEndpoints,
} from './tidy.ts'

const schema = {
  path: 'db/schema/wallet.ts',
  text: `export const wallets = pgTable.withRLS(\n  'wallets',\n  {})\nexport const ledgerEntries = pgTable('ledger_entries', {})`,
}

test.each([
  ['by the builder', `await db.update(wallets).set({})`],
  [
    'under another name',
    `import { wallets as purse } from '#db/schema/wallet.ts'\ndb.delete(purse)`,
  ],
  ['in SQL', 'db.execute(sql`insert into ledger_entries values (1)`)'],
])('a write to another domain’s table is found %s', (_how, text) => {
  for (const file of ['queries.ts', 'lease-queries.ts', 'outbound/queries.ts']) {
    const calls = { path: `api/domains/calls/${file}`, text }
    expect(findForeignWrites([schema, calls])).toHaveLength(1)
  }
  expect(findForeignWrites([schema, { path: 'api/domains/wallet/queries.ts', text }])).toEqual([])
})

test('reading and locking another domain’s table is no write', () => {
  const text = `db.select().from(wallets).for('update')\nsql\`select * from wallets for update\``
  expect(findForeignWrites([schema, { path: 'api/domains/calls/queries.ts', text }])).toEqual([])
})

test('the environment may be read in configuration files alone', () => {
  const text = 'const x = process.env.SECRET'
  expect(findEnvironmentReads([{ path: 'voice/bridge.ts', text }])).toMatchObject([{ line: 1 }])
  for (const allowed of ['api/core/config.ts', 'web/next.config.mjs', 'scripts/dev.ts'])
    expect(findEnvironmentReads([{ path: allowed, text }])).toEqual([])
})

test('an endpoint that is promised but not served is found', () => {
  const contract = {
    path: 'api/domains/wallet/contract.ts',
    text: 'export const getWallet = endpoint({})\nexport const topUp = endpoint({})',
  }
  const routes = { path: 'api/domains/wallet/routes.ts', text: 'serve(app, api.getWallet, get)' }
  expect(findUnservedEndpoints([contract, routes])).toMatchObject([{ line: 2 }])
})

test.each([
  'try { x() } catch {}',
  'void x().catch(() => {})',
  '// TODO later',
  '// @ts-ignore',
  'test.only("x", y)',
])('`%s` is found', (text) => {
  expect(findLeftovers([{ path: 'voice/x.ts', text }])).toHaveLength(1)
})
