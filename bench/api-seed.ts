import pg from 'pg'
import type { TestDatabase } from '#db/testing.ts'

export type Size = { organizations: number; calls: number; bigCalls: number }
export type Seeded = {
  bigOrganizationId: string
  adminClerkId: string
  superAdminClerkId: string
  /** One of the big organization, from the middle of its year. */
  callId: string
  seconds: number
}

export const FULL: Size = { organizations: 10_000, calls: 1_000_000, bigCalls: 100_000 }
/** What a minute and a half of a small machine allow. */
export const REDUCED: Size = { organizations: 1_000, calls: 100_000, bigCalls: 50_000 }

const MEMBERS = 500 // of the big organization
const AUDIT_ENTRIES = 20_000
const TURNS = 5 // a call of the big organization
const EVENTS = 2
const RUNNING = 200

// Ids that sort by when they were made, as the product's do, and that a number names.
const organizationId = (n: string) =>
  `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const callIdOf = (n: string) =>
  `(lpad(to_hex(1700000000000 + ${n}::bigint), 12, '0') || '70008000' || lpad(to_hex(${n}), 12, '0'))::uuid`

/** A platform of many organizations, one of them big, by SQL alone: what is read is real, how it came to be is not. */
export async function seed(t: TestDatabase, size: Size): Promise<Seeded> {
  const started = performance.now()
  const run = (text: string) =>
    // Neither triggers nor references: a timeline of a million calls is not what is measured.
    t.query(
      'admin',
      `do $seed$ begin set local session_replication_role = replica; ${text}; end $seed$`,
    )
  await t.query('admin', 'select make_month_partitions(13, 6)')
  await run(people(size))
  await run(callsOf(size))
  await run(recordsOfTheBig)
  await run(usage)
  await analyze(t)
  return {
    ...(await pick(t)),
    adminClerkId: 'user_bench_1_1',
    superAdminClerkId: 'user_bench_root',
    seconds: (performance.now() - started) / 1000,
  }
}

const people = ({ organizations }: Size) => `
  insert into organizations (id, name, time_zone, created_at)
  select ${organizationId('n')}, (array['Northwind','Contoso','Fabrikam','Adventure','Tailspin'])[1 + n % 5] || ' ' || md5(n::text),
         (array['UTC','Europe/Berlin','America/New_York','Asia/Tokyo'])[1 + n % 4],
         date_trunc('milliseconds', now() - make_interval(mins => (${organizations} - n) * 60))
    from generate_series(1, ${organizations}) n;
  insert into wallets (organization_id, balance_cents)
  select id, 100000 from organizations;
  insert into agents (organization_id, id, name, prompt, first_message, voice_id)
  select id, id, 'Front desk', 'We are open.', 'Hello.', 'voice' from organizations;
  create temporary table people on commit drop as
    select n, m, gen_random_uuid() as id, 'user_bench_' || n || '_' || m as clerk_user_id
      from generate_series(1, ${organizations}) n, lateral generate_series(1, case when n = 1 then ${MEMBERS} else 3 end) m;
  insert into users (id, clerk_user_id, email, email_verified, name)
  select id, clerk_user_id, clerk_user_id || '@voxcalls.test', true, 'Person ' || m from people;
  insert into users (id, clerk_user_id, email, email_verified, name)
  values (gen_random_uuid(), 'user_bench_root', 'root@voxcalls.test', true, 'Root');
  insert into platform_admins (user_id, role) select id, 'super_admin' from users where clerk_user_id = 'user_bench_root';
  insert into memberships (organization_id, id, user_id, name, email, role)
  select ${organizationId('n')}, id, id, 'Person ' || m, clerk_user_id || '@voxcalls.test',
         case when m = 1 then 'admin' when m = 2 then 'org_manager' else 'sales_person' end
    from people`

/** A year of calls in the order in which they were made, some of which run. */
const callsOf = ({ organizations, calls, bigCalls }: Size) => `
  insert into calls (organization_id, id, kind, direction, state, reason, from_number, to_number, agent_id,
                     twilio_call_sid, elevenlabs_conversation_id, price_per_hour_cents, billing_status, billable_seconds,
                     cost_cents, vendor_cost_micro_usd, reconciled_at, created_at, live_at, ended_at, settled_at)
  select org, id, case when n % 10 = 0 then 'mock' else 'agent' end, case when n % 3 = 0 then 'outbound' else 'inbound' end,
         'settled', 'caller_hung_up', '+1500' || lpad((n % 9999999)::text, 7, '0'), '+1600' || lpad((n % 9999)::text, 7, '0'), org,
         'CA' || md5(n::text), 'conv_' || md5(n::text), 3600, 'charged', 30 + n % 600, (30 + n % 600),
         case when n % 50 = 0 then null else (n % 600) * 1500 end, at, at, at, at + interval '3 minutes', at + interval '3 minutes'
    from (select n, ${callIdOf('n')} as id,
                 date_trunc('milliseconds', now() - (${calls} - n) * (interval '364 days' / ${calls}) - interval '10 minutes') as at,
                 case when n % ${Math.round(calls / bigCalls)} = 0 and n / ${Math.round(calls / bigCalls)} <= ${bigCalls}
                      then ${organizationId('1')} else ${organizationId(`2 + (n * 7919::bigint) % ${organizations - 1}`)} end as org
            from generate_series(1, ${calls}) n) c;
  update calls set state = 'live', settled_at = null, ended_at = null, billing_status = 'pending', cost_cents = null
   where id in (select id from calls order by created_at desc limit ${RUNNING})`

const recordsOfTheBig = `
  insert into call_events (organization_id, id, call_id, at, kind, data)
  select c.organization_id, gen_random_uuid(), c.id, c.created_at + make_interval(secs => e), 'state.' || e, '{}'
    from calls c, generate_series(1, ${EVENTS}) e where c.organization_id = ${organizationId('1')};
  insert into transcript_turns (organization_id, id, call_id, at, seq, speaker, text, heard, start_ms, end_ms)
  select c.organization_id, gen_random_uuid(), c.id, c.created_at, e, case when e % 2 = 0 then 'agent' else 'customer' end,
         'Hello this is sentence ' || e || ' about order ' || right(c.from_number, 7) || ' and the usual delivery on '
           || (array['Monday','Tuesday','Wednesday','Thursday','Friday'])[1 + e % 5]
           || case when right(c.from_number, 4) = '4000' then ' with a peculiar xylophone' else '' end,
         'heard', e * 3000, e * 3000 + 2500
    from calls c, generate_series(1, ${TURNS}) e where c.organization_id = ${organizationId('1')};
  insert into recordings (organization_id, id, call_id, storage_key, tape_key, peaks_key, sha256, size_bytes, duration_ms)
  select organization_id, gen_random_uuid(), id, 'r', 't', 'p', repeat('0', 64), 100000, 60000
    from calls where organization_id = ${organizationId('1')};
  insert into audit_entries (organization_id, sequence, id, at, actor_kind, action, subject, previous_hash, hash)
  select ${organizationId('1')}, n, gen_random_uuid(), now() - make_interval(mins => ${AUDIT_ENTRIES} - n), 'job',
         (array['wallet.adjust','members.invite','calls.end','agents.publish'])[1 + n % 4], 'call:' || n, '', ''
    from generate_series(1, ${AUDIT_ENTRIES}) n`

const usage = `
  insert into usage_days (organization_id, day, kind, calls, billable_seconds, charged_cents, vendor_cost_micro_usd,
                          calls_without_vendor_cost, charged_cents_of_known_cost, computed_at)
  select c.organization_id, (c.settled_at at time zone o.time_zone)::date, c.kind, count(*), sum(c.billable_seconds),
         sum(c.cost_cents), coalesce(sum(c.vendor_cost_micro_usd), 0), count(*) filter (where c.vendor_cost_micro_usd is null),
         coalesce(sum(c.cost_cents) filter (where c.vendor_cost_micro_usd is not null), 0), now()
    from calls c join organizations o on o.id = c.organization_id where c.settled_at is not null group by 1, 2, 3 order by 2;
  insert into usage_months (organization_id, month, billable_seconds)
  select organization_id, date_trunc('month', day)::date, sum(billable_seconds) from usage_days group by 1, 2;
  insert into usage_platform_days (day, calls, billable_seconds, charged_cents, vendor_cost_micro_usd,
                                   calls_without_vendor_cost, charged_cents_of_known_cost, computed_at)
  select day, sum(calls), sum(billable_seconds), sum(charged_cents), sum(vendor_cost_micro_usd),
         sum(calls_without_vendor_cost), sum(charged_cents_of_known_cost), min(computed_at) from usage_days group by 1;
  insert into usage_stale_days (day) select max(day) from usage_days union select max(day) - 1 from usage_days`

async function pick(t: TestDatabase): Promise<{ bigOrganizationId: string; callId: string }> {
  const [row] = await t.query<{ id: string; call: string }>(
    'admin',
    `select organization_id as id, id as call from calls where organization_id = ${organizationId('1')}
      order by created_at offset 500 limit 1`,
  )
  if (!row) throw new Error('the big organization has no calls')
  return { bigOrganizationId: row.id, callId: row.call }
}

/** As a database that runs for a day has it: statistics, and pages known to be all visible. */
async function analyze(t: TestDatabase): Promise<void> {
  const admin = new pg.Client({ connectionString: t.urls.owner })
  await admin.connect()
  try {
    await admin.query('vacuum (analyze)')
  } finally {
    await admin.end()
  }
}
