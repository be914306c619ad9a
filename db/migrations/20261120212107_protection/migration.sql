-- What drizzle-kit cannot say: the owner obeys the policies too, who may do what, and what is never undone.

do $$
declare t regclass;
begin
  for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relrowsecurity and not c.relispartition
  loop
    execute format('alter table %s force row level security', t);
  end loop;
end $$;

alter default privileges revoke execute on functions from public;
grant usage on schema public to voxcalls_app, voxcalls_platform;

-- Grants name parents only: a partition asked by its own name would not apply its parent's policies.
grant select on
  organizations, memberships, agents, phone_numbers, calls, call_leases, call_events, transcript_turns, recordings,
  audit_heads, audit_entries, feature_flags, wallets, ledger_entries, holds
to voxcalls_app, voxcalls_platform;
grant select on prices, system_settings to voxcalls_app;

grant insert, update on
  organizations, agents, phone_numbers, calls, call_leases, recordings, audit_heads, feature_flags
to voxcalls_app;
grant insert, update, delete on memberships, transcript_turns to voxcalls_app;
grant insert on call_events, audit_entries to voxcalls_app;

grant select, insert, update, delete on
  users, platform_admins, webhook_deliveries, system_settings, prices
to voxcalls_platform;

-- The ledger and the audit log only grow. The owner holds every right on its tables, so a trigger says no.
create function refuse_change() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  raise exception '% only grows', tg_table_name using errcode = '42501', table = tg_table_name;
end $$;

create trigger ledger_entries_only_grow before update or delete on ledger_entries
  for each row execute function refuse_change();
create trigger ledger_entries_never_truncated before truncate on ledger_entries
  for each statement execute function refuse_change();
create trigger audit_entries_only_grow before update or delete on audit_entries
  for each row execute function refuse_change();
create trigger audit_entries_never_truncated before truncate on audit_entries
  for each statement execute function refuse_change();

-- The hot rows of the platform: room on the page keeps their updates away from the indexes.
alter table wallets set (fillfactor = 50);
alter table holds set (fillfactor = 70);
alter table call_leases set (fillfactor = 50);
