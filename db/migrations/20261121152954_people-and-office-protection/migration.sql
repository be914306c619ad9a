-- Who may do what with the new tables, and what is never undone.

-- Before the owner obeys the policies too.
insert into platform_audit_head (id, sequence, hash) values (1, 0, repeat('0', 64));

do $$
declare t regclass;
begin
  for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relrowsecurity and not c.relforcerowsecurity and not c.relispartition
  loop
    execute format('alter table %s force row level security', t);
  end loop;
end $$;

grant select on
  invitations, api_keys, data_keys, webhook_endpoints, webhook_messages, usage_days, organization_prices, top_ups,
  payment_settings
to voxcalls_app, voxcalls_platform;
grant insert, update on
  invitations, api_keys, data_keys, webhook_endpoints, webhook_messages, organization_prices, top_ups, payment_settings
to voxcalls_app;
grant insert, update, delete on usage_days to voxcalls_app;
grant select, insert, delete on idempotency_keys to voxcalls_app;
grant select on idempotency_keys to voxcalls_platform;

grant select, insert, update, delete on rate_windows to voxcalls_app, voxcalls_platform;
grant select, insert, delete on webhook_rejections to voxcalls_platform;
grant select, insert, update on platform_audit_head to voxcalls_platform;
grant select, insert on platform_audit_entries to voxcalls_platform;

-- Counting arrivals must not cost a disk write each; after a crash everybody starts with a full allowance.
alter table rate_windows set unlogged;

create trigger platform_audit_entries_only_grow before update or delete on platform_audit_entries
  for each row execute function refuse_change();
create trigger platform_audit_entries_never_truncated before truncate on platform_audit_entries
  for each statement execute function refuse_change();
