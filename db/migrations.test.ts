import fs from 'node:fs'
import path from 'node:path'
import { generateDrizzleJson, generateMigration, reconstruct } from 'drizzle-kit/api-postgres'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const migrations = fs.readdirSync(path.join(here, 'migrations')).sort()
const read = (name: string, file: string) =>
  fs.readFileSync(path.join(here, 'migrations', name, file), 'utf8')

async function schemaNow(): Promise<Record<string, unknown>> {
  const files = fs.readdirSync(path.join(here, 'schema'))
  const modules = await Promise.all(files.map((file) => import(path.join(here, 'schema', file))))
  return Object.assign({}, ...modules)
}

/** What all migrations together have made. */
const made = () =>
  reconstruct(
    Object.fromEntries(migrations.map((name) => [name, JSON.parse(read(name, 'snapshot.json'))])),
  )

test('the migrations make what the schema says', async () => {
  const snapshot = await made()
  const now = await generateDrizzleJson(await schemaNow(), snapshot.id)
  expect(await generateMigration(snapshot, now)).toEqual([])
})

test('a schema that says more than the migrations is noticed', async () => {
  const snapshot = await made()
  const { agents: _, ...less } = await schemaNow()
  const then = await generateDrizzleJson(less, snapshot.id)
  expect((await generateMigration(then, snapshot)).join('\n')).toContain('CREATE TABLE "agents"')
})

test('what is kept by month is made so from the start', () => {
  const tables = read(migrations[0]!, 'migration.sql')
  for (const table of ['call_events', 'transcript_turns']) {
    const statement = tables.slice(tables.indexOf(`CREATE TABLE "${table}"`)).split('--> ')[0]
    expect(statement).toContain('PARTITION BY RANGE ("at")')
  }
})

test('no migration destroys what is kept', () => {
  for (const name of migrations)
    expect(read(name, 'migration.sql'), name).not.toMatch(
      /\b(drop table|drop column|detach partition)\b/i,
    )
})
