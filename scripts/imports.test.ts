import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkImports } from './imports.ts'
import { readSources } from './tidy.ts'

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
