import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { refusalsIn, stalePages } from './docs.ts'
import { checkImports } from './imports.ts'
import {
  findEnvironmentReads,
  findForeignWrites,
  findLeftovers,
  findUnservedEndpoints,
  readSources,
} from './tidy.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

/** A small repository with the files given: path to content. */
function aTree(files: Record<string, string>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'voxcalls-imports-'))
  trees.push(root)
  const packages = ['zod', 'stripe', 'drizzle-orm']
  const installed = packages.flatMap((name): [string, string][] => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' })],
    [`node_modules/${name}/index.js`, 'module.exports = {}'],
  ])
  const dependencies = Object.fromEntries(packages.map((name) => [name, '1.0.0']))
  const manifest: [string, string] = [
    'package.json',
    JSON.stringify({ name: 'tree', dependencies }),
  ]
  for (const [file, text] of [manifest, ...installed, ...Object.entries(files)]) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(root, file), text)
  }
  return root
}

const leaf = 'export const x = 1\n'
const uses = (specifier: string) => `import { x } from '${specifier}'\nexport const y = x\n`

// One violation of each rule, in files of their own.
const violations: Record<string, Record<string, string>> = {
  'no-cycles': {
    'api/core/a.ts': `import { b } from './b.ts'\nexport const a = () => b\n`,
    'api/core/b.ts': `import { a } from './a.ts'\nexport const b = () => a\n`,
  },
  'contracts-are-pure': {
    'api/domains/wallet/contract.ts': uses('../../core/log.ts'),
    'api/core/log.ts': leaf,
  },
  'domains-meet-at-service': {
    'api/domains/calls/service.ts': uses('../wallet/queries.ts'),
    'api/domains/wallet/queries.ts': leaf,
  },
  'sql-lives-in-queries': {
    'api/domains/agents/service.ts': uses('../../../db/schema/agents.ts'),
    'db/schema/agents.ts': leaf,
  },
  'core-knows-no-domain': {
    'api/core/context.ts': uses('../domains/members/service.ts'),
    'api/domains/members/service.ts': leaf,
  },
  'sdk-behind-vendors': { 'api/domains/wallet/charge.ts': uses('stripe') },
  'voice-uses-services': {
    'voice/bridge.ts': uses('../api/domains/members/queries.ts'),
    'api/domains/members/queries.ts': leaf,
  },
  'api-does-not-know-voice': { 'api/app.ts': uses('../voice/app.ts'), 'voice/app.ts': leaf },
  'database-knows-no-domain': { 'db/seed.ts': uses('../api/domains/members/service.ts') },
  'web-reads-contracts': { 'web/lib/client.ts': uses('../../api/domains/members/service.ts') },
  'features-do-not-meet': {
    'web/features/calls/list.tsx': uses('../wallet/badge.tsx'),
    'web/features/wallet/badge.tsx': leaf,
  },
  'sandbox-stands-alone': {
    'sandbox/twilio/start.ts': uses('../../voice/mulaw.ts'),
    'voice/mulaw.ts': leaf,
  },
  'tests-are-not-imported': { 'api/server.ts': uses('./testing.ts'), 'api/testing.ts': leaf },
  'nothing-unresolved': { 'api/worker.ts': uses('./gone.ts') },
}

test('every import rule fires on its violation, once, and says why', async () => {
  const { rules, violations: found } = await checkImports(
    aTree(Object.assign({}, ...Object.values(violations))),
  )
  const fired = found.map(({ rule }) => rule).toSorted()
  expect(fired).toEqual(Object.keys(violations).toSorted())
  expect(fired).toEqual(rules.toSorted())
  for (const { from, rule, why } of found) {
    expect(Object.keys(violations[rule] ?? {})).toContain(from)
    expect(why).toMatch(/\w+ .*\.$/)
  }
})

test('a tree that keeps the rules passes, type cycles included', async () => {
  const report = await checkImports(
    aTree({
      'api/core/a.ts': `import type { B } from './b.ts'\nexport type A = B | null\n`,
      'api/core/b.ts': `import type { A } from './a.ts'\nexport type B = { a: A }\n`,
      'api/domains/calls/service.ts': uses('../wallet/service.ts'),
      'api/domains/wallet/service.ts': leaf,
      'api/domains/wallet/queries.ts': `${uses('drizzle-orm')}import '../../../db/schema/wallet.ts'\n`,
      'db/schema/wallet.ts': uses('drizzle-orm'),
      'api/domains/wallet/contract.ts': uses('zod'),
      'web/features/wallet/list.tsx': uses('../../../api/domains/wallet/contract.ts'),
    }),
  )
  expect(report.violations).toEqual([])
  expect(report.modules).toBeGreaterThan(6)
})

test('this repository is seen whole', async () => {
  expect((await checkImports()).modules).toBeGreaterThan(200)
  expect(readSources().length).toBeGreaterThan(200)
})

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
  const calls = { path: 'api/domains/calls/queries.ts', text }
  expect(findForeignWrites([schema, calls])).toHaveLength(1)
  expect(findForeignWrites([schema, { path: 'api/domains/wallet/queries.ts', text }])).toEqual([])
})

test('reading and locking another domain’s table is no write', () => {
  const text = `db.select().from(wallets).for('update')\nsql\`select * from wallets for update\``
  expect(findForeignWrites([schema, { path: 'api/domains/calls/queries.ts', text }])).toEqual([])
})

test('the environment may be read in configuration files alone', () => {
  const text = 'const x = process.env.SECRET'
  expect(findEnvironmentReads([{ path: 'voice/bridge.ts', text }])).toMatchObject([{ line: 1 }])
  for (const allowed of ['api/core/config.ts', 'web/next.config.ts', 'scripts/dev.ts'])
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

test('a refusal is read from the code with its status and its words, and must not have two', () => {
  const file = (text: string) => ({ path: 'api/domains/wallet/errors.ts', text })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template that is read here
  const one = "new DomainError('wallet.empty', 402, `Less than ${asked.cents} cents.`)"
  expect(refusalsIn([file(one)])).toEqual([
    { code: 'wallet.empty', status: 402, message: 'Less than <cents> cents.' },
  ])
  expect(() => refusalsIn([file(`${one}\nnew DomainError('wallet.empty', 409, 'x')`)])).toThrow(
    '402 and with 409',
  )
})

test('the generated pages are what the code says', async () => {
  expect(await stalePages()).toEqual([])
})
