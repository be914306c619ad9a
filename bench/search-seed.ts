import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'
import { bytesOf, signatureOf } from '#api/domains/knowledge/vector.ts'
import type { TestDatabase } from '#db/testing.ts'
import type { World } from './search-world.ts'

export type Size = { chunks: number; chunksOfOthers: number; others: number }
export type Seeded = {
  organizationId: string
  passages: { id: string; vector: Float32Array }[]
  seconds: number
}

export const FULL: Size = { chunks: 100_000, chunksOfOthers: 900_000, others: 1_000 }
export const SMALL: Size = { chunks: 10_000, chunksOfOthers: 30_000, others: 100 }

const WORDS_A_PASSAGE = 170 // about 1,200 characters, as the product cuts
const WORDS_OF_OTHERS = 80 // a shorter text fills the same indexes in half the time
const ROWS_A_STATEMENT = 500
const TEXTS_OF_OTHERS = 4_000 // that are said again and again
const DOCUMENTS = 200 // of one organization: the most there may be

/** One organization with many passages among many that have some. What others wrote is real but said often. */
export async function seed(t: TestDatabase, size: Size, world: World): Promise<Seeded> {
  const started = performance.now()
  const organizationId = await t.anOrganization({ name: 'Big' })
  const indexes = await t.query<{ name: string; definition: string }>(
    'admin',
    `select indexname as name, indexdef as definition from pg_indexes
      where tablename = 'knowledge_chunks' and indexname <> 'knowledge_chunks_pkey'`,
  )
  for (const { name } of indexes) await t.query('admin', `drop index ${name}`)
  await others(t, size, world)
  const passages = await big(t, organizationId, size.chunks, world)
  for (const { definition } of indexes)
    await t.query(
      'admin',
      `do $$ begin set local maintenance_work_mem = '1GB'; execute ${pg.escapeLiteral(definition)}; end $$`,
    )
  await vacuum(t)
  return { organizationId, passages, seconds: (performance.now() - started) / 1000 }
}

async function big(t: TestDatabase, organizationId: string, chunks: number, world: World) {
  await t.query('admin', documentsOf(`(select $1::uuid as id) o`, DOCUMENTS), [organizationId])
  const documents = await t.query<{ id: string }>(
    'admin',
    'select id from knowledge_documents where organization_id = $1',
    [organizationId],
  )
  const passages: Seeded['passages'] = []
  while (passages.length < chunks) {
    const rows: unknown[][] = []
    for (let n = 0; n < ROWS_A_STATEMENT; n++) {
      const { text, vector } = world.passage(WORDS_A_PASSAGE)
      const id = randomUUIDv7()
      const position = passages.length
      const { id: documentId } = documents[position % documents.length]!
      rows.push([
        organizationId,
        id,
        documentId,
        position,
        text,
        bytesOf(vector),
        signatureOf(vector),
      ])
      passages.push({ id, vector })
    }
    const values = rows.map((row, r) => `(${row.map((_, c) => `$${r * row.length + c + 1}`)})`)
    await t.query(
      'admin',
      `insert into knowledge_chunks (organization_id, id, document_id, position, body, embedding, signature)
       values ${values}`,
      rows.flat(),
    )
  }
  return passages
}

/** Without vectors, which nobody reads here, but with signs and words, which stand in the same indexes as ours. */
async function others(t: TestDatabase, size: Size, world: World): Promise<void> {
  const texts = Array.from({ length: TEXTS_OF_OTHERS }, () => world.passage(WORDS_OF_OTHERS))
  const each = size.chunksOfOthers / size.others
  await t.query(
    'admin',
    `insert into organizations (id, name)
     select gen_random_uuid(), 'Other ' || n from generate_series(1, $1::int) n`,
    [size.others],
  )
  await t.query(
    'admin',
    documentsOf(`(select id from organizations where name like 'Other %') o`, 1),
  )
  await t.query(
    'admin',
    `insert into knowledge_chunks (organization_id, id, document_id, position, body, embedding, signature)
     select d.organization_id, gen_random_uuid(), d.id, n,
            ($1::text[])[1 + (n * 7 + hashtext(d.id::text)::bigint & 65535) % $3::int], '',
            ($2::text[])[1 + (n * 7 + hashtext(d.id::text)::bigint & 65535) % $3::int]::bit(1536)
       from knowledge_documents d join organizations o on o.id = d.organization_id and o.name like 'Other %',
            generate_series(1, $4::int) n`,
    [
      texts.map(({ text }) => text),
      texts.map(({ vector }) => signatureOf(vector)),
      TEXTS_OF_OTHERS,
      each,
    ],
  )
}

const documentsOf = (organizations: string, each: number) => `
  insert into knowledge_documents (organization_id, id, title, kind, media_type, size_bytes, sha256, object_key, state)
  select o.id, gen_random_uuid(), 'Document ' || n, 'text', 'text/plain', 1, n::text, 'org/x', 'ready'
    from ${organizations}, generate_series(1, ${each}) n`

/** As a database that runs for a day has it: statistics, and pages known to be all visible. */
async function vacuum(t: TestDatabase): Promise<void> {
  const owner = new pg.Client({ connectionString: t.urls.owner })
  await owner.connect()
  try {
    await owner.query('vacuum (analyze) knowledge_chunks, knowledge_documents')
  } finally {
    await owner.end()
  }
}
