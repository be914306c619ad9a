import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { type TestDatabase, testDatabase } from './testing.ts'

let t: TestDatabase
let ours: string
let theirs: string
beforeAll(async () => {
  t = await testDatabase()
  ours = await t.anOrganization({ balanceCents: 500 })
  theirs = await t.anOrganization({ balanceCents: 700 })
})
afterAll(() => t.close())

const catalog = (text: string) => t.query<{ name: string }>('admin', text)
const tenantTables = `
  select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
     and (c.relname = 'organizations' or exists (
       select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))`

test('there are tenant tables to look at', async () => {
  const rows = await catalog(`select relname as name from (${tenantTables}) t order by 1`)
  const names = rows.map((row) => row.name)
  expect(names).toContain('calls')
  expect(names).toContain('ledger_entries')
  expect(names.length).toBeGreaterThanOrEqual(15)
})

test('every table with row-level security forces it, and every tenant table has it', async () => {
  const rows = await catalog(`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p')
       and (c.relrowsecurity <> c.relforcerowsecurity
            or (c.oid in (select oid from (${tenantTables}) t) and not c.relrowsecurity))`)
  expect(rows).toEqual([])
})

test('every tenant table is bound to the tenant by exactly the two policies of all of them', async () => {
  const rows = await catalog(`
    select t.relname as name from (${tenantTables}) t
     where (select count(*) from pg_policy p where p.polrelid = t.oid) <> 2
        or not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd = '*' and p.polroles = '{0}'
              and pg_get_expr(p.polqual, p.polrelid) like '%app.organization_id%')
        or not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd = 'r'
              and p.polroles = array[(select oid from pg_roles where rolname = 'voxcalls_platform')])`)
  expect(rows).toEqual([])
})

test('keys and uniqueness of tenant tables start with the organization, or are global for a named reason', async () => {
  const rows = await catalog(`
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      join (${tenantTables}) t on t.oid = i.indrelid
     where i.indisunique and t.relname <> 'organizations'
       and (select attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) <> 'organization_id'
     order by 1`)
  expect(rows.map((row) => row.name)).toEqual([
    'api_keys_one_per_id', // a key names itself before anybody knows the organization
    'calls_once_per_conversation', // ids of a vendor, unique there over all its customers
    'calls_once_per_twilio_call',
    'carrier_accounts_one_owner', // Twilio's requests name the account before anybody knows the organization
    'invitations_one_per_token', // so does the token of a link
    'memberships_one_organization_per_user', // a user belongs to one organization of the platform
    'payment_settings_one_per_customer', // ids of a vendor
    'phone_numbers_one_owner', // an incoming call must name one organization
    'top_ups_once_per_payment_intent', // ids of a vendor
    'top_ups_once_per_session',
  ])
})

test('a reference between tenant tables carries the organization', async () => {
  const rows = await catalog(`
    select f.conname as name from pg_constraint f
     where f.contype = 'f' and f.conparentid = 0
       and f.conrelid in (select oid from (${tenantTables}) t)
       and f.confrelid in (select oid from (${tenantTables}) t)
       and not exists (select from pg_attribute a where a.attrelid = f.conrelid and a.attnum = any (f.conkey)
                        and a.attname = 'organization_id')`)
  expect(rows).toEqual([])
})

test('no role of the product may touch a partition, empty a table or make anything', async () => {
  const rows = await catalog(`
    select r.rolname || ' on ' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r
     where n.nspname = 'public' and c.relkind in ('r', 'p') and r.rolname in ('voxcalls_app', 'voxcalls_platform')
       and (has_table_privilege(r.oid, c.oid, 'truncate, trigger, references')
            or (c.relispartition and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')))
    union all
    select rolname || ' creates' from pg_roles
     where rolname in ('voxcalls_app', 'voxcalls_platform')
       and (has_schema_privilege(oid, 'public', 'create') or has_database_privilege(oid, current_database(), 'create, temporary'))`)
  expect(rows).toEqual([])
})

test('no view shows what its reader may not see', async () => {
  const rows = await catalog(`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public'
       and (c.relkind = 'm' or (c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}', false)))`)
  expect(rows).toEqual([])
})

test('the functions that run with other rights are the known ones, the owner’s, and pin their search path', async () => {
  const rows = await t.query<{ name: string; owner: string; pinned: boolean }>(
    'admin',
    `select p.proname as name, r.rolname as owner,
            coalesce(array_to_string(p.proconfig, ','), '') like 'search_path=public, pg_temp%' as pinned
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner
      where n.nspname = 'public' and p.prosecdef order by 1`,
  )
  const names = [
    'calls_free_slot', // a trigger; nobody can call it
    'make_month_partitions',
    'take_call_slot', // says yes or no, and of the caller's own calls only
    'wallet_hold',
    'wallet_note_exhausted',
    'wallet_open',
    'wallet_post',
    'wallet_settle',
  ]
  expect(rows).toEqual(names.map((name) => ({ name, owner: 'voxcalls_owner', pinned: true })))
})

test('the application role runs only the functions it was given', async () => {
  const rows = await catalog(`
    select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'public' and has_function_privilege('voxcalls_app', p.oid, 'execute') order by 1`)
  expect(rows.map((row) => row.name)).toEqual([
    'call_state_rank',
    'knowledge_terms',
    'take_call_slot',
    'time_ordered_uuid',
    'wallet_hold',
    'wallet_note_exhausted',
    'wallet_open',
    'wallet_post',
    'wallet_settle',
  ])
})

test('the three roles are bound by row-level security and own nothing they should not', async () => {
  const rows = await catalog(`
    select rolname as name from pg_roles where rolname like 'voxcalls%'
       and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
    union all
    select r.rolname || ' owns ' || c.relname from pg_class c join pg_roles r on r.oid = c.relowner
     where r.rolname in ('voxcalls_app', 'voxcalls_platform')`)
  expect(rows).toEqual([])
})

test('without a tenant the application role reads no row of any tenant table', async () => {
  const tables = await catalog(`select relname as name from (${tenantTables}) t`)
  for (const { name } of tables) {
    expect(await t.query('app', `select 1 from ${name}`), name).toEqual([])
  }
})

test('a tenant reads and writes only its own rows', async () => {
  const wallets = await t.query(
    'app',
    'select organization_id, balance_cents from wallets',
    [],
    ours,
  )
  expect(wallets).toEqual([{ organization_id: ours, balance_cents: 500 }])
  const rename = `update organizations set name = 'Mine' where id = $1 returning id`
  expect(await t.query('app', rename, [theirs], ours)).toEqual([])
  const insert = `insert into feature_flags (organization_id, flag, enabled) values ($1, 'x', true)`
  await expect(t.query('app', insert, [theirs], ours)).rejects.toMatchObject({ code: '42501' })
})

test('another organization’s wallet is not found by the wallet functions', async () => {
  const hold = 'select * from wallet_hold($1, $2, 100, null, 1, 60, 10, null)'
  await expect(t.query('app', hold, [theirs, ours], ours)).rejects.toMatchObject({ code: 'P0002' })
})

test('nobody but the wallet functions writes money', async () => {
  const statements = [
    'update wallets set balance_cents = 1000000',
    'insert into wallets (organization_id) values (gen_random_uuid())',
    'update holds set captured_cents = 0',
    'delete from ledger_entries',
  ]
  for (const role of ['app', 'platform'] as const) {
    for (const text of statements)
      await expect(t.query(role, text, [], ours), text).rejects.toMatchObject({ code: '42501' })
  }
})

test.each(['ledger_entries', 'audit_entries'])(
  '%s only grows, even for its owner',
  async (table) => {
    if (table === 'audit_entries')
      await t.query(
        'app',
        `insert into audit_entries (organization_id, sequence, id, at, actor_kind, action, subject, previous_hash, hash)
       values ($1, 1, gen_random_uuid(), now(), 'job', 'x', 'y', '', '')`,
        [ours],
        ours,
      )
    const column = table === 'ledger_entries' ? 'amount_cents = 1' : `action = 'z'`
    const refused = { code: '42501', message: `${table} only grows` }
    await expect(t.query('owner', `update ${table} set ${column}`, [], ours)).rejects.toMatchObject(
      refused,
    )
    await expect(t.query('owner', `delete from ${table}`, [], ours)).rejects.toMatchObject(refused)
    await expect(t.query('owner', `truncate ${table}`)).rejects.toMatchObject(refused)
  },
)

test('events and turns have a partition for this month and six more, and making them again makes none', async () => {
  const [made] = await t.query<{ made: number }>(
    'platform',
    'select make_month_partitions(3, 6) as made',
  )
  expect(made?.made).toBe(0)
  const [more] = await t.query<{ made: number }>(
    'platform',
    'select make_month_partitions(0, 8) as made',
  )
  expect(more?.made).toBe(4)
  await expect(t.query('app', 'select make_month_partitions(0, 9)')).rejects.toMatchObject({
    code: '42501',
  })
})

test('a row of any instant of the covered months finds its partition', async () => {
  const insert = `
    insert into call_events (organization_id, id, call_id, at, kind)
    select $1, gen_random_uuid(), gen_random_uuid(), date_trunc('month', now()) + d * interval '1 month' + s, 'x'
      from generate_series(-2, 6) d, unnest(array[interval '0', interval '-0.001 second']) s returning 1`
  expect(await t.query('app', insert, [ours], ours)).toHaveLength(18)
})

test('the newest calls of an organization come out of an index in their order', async () => {
  const rows = await t.query<Record<string, string>>(
    'app',
    `explain select * from calls where organization_id = $1 order by created_at desc, id desc limit 50`,
    [ours],
    ours,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('Index Scan Backward using calls_newest')
  expect(plan).not.toContain('Sort')
})

test('migrations can be run again, also by several at once', async () => {
  await Promise.all([migrate(t.urls.owner), migrate(t.urls.owner), migrate(t.urls.owner)])
})
