-- Sums of an organization's month and marks of days that the platform's sums have to be folded anew: made wherever a
-- day is written, so nobody can forget them. As the writer, whom the tenant's policies bind.
grant select on usage_months, usage_platform_days, usage_stale_days to voxcalls_platform;
grant insert, update, delete on usage_platform_days to voxcalls_platform;
grant insert, delete on usage_stale_days to voxcalls_platform;
grant select, insert, update, delete on usage_months to voxcalls_app;
grant insert on usage_stale_days to voxcalls_app;

create function usage_days_changed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into usage_stale_days (day) select distinct day from changed;
  delete from usage_months m
   using (select distinct organization_id, date_trunc('month', day)::date as month from changed) c
   where m.organization_id = c.organization_id and m.month = c.month;
  insert into usage_months (organization_id, month, billable_seconds)
  select c.organization_id, c.month, sum(u.billable_seconds)
    from (select distinct organization_id, date_trunc('month', day)::date as month from changed) c
    join usage_days u on u.organization_id = c.organization_id
     and u.day >= c.month and u.day < c.month + interval '1 month'
   group by 1, 2;
  return null;
end $$;
revoke execute on function usage_days_changed() from public;

create trigger usage_days_inserted after insert on usage_days
  referencing new table as changed for each statement execute function usage_days_changed();
create trigger usage_days_updated after update on usage_days
  referencing new table as changed for each statement execute function usage_days_changed();
create trigger usage_days_deleted after delete on usage_days
  referencing old table as changed for each statement execute function usage_days_changed();

-- What there is already. The owner is bound by the tenant's policies too, and here are all tenants.
alter table usage_days no force row level security;
insert into usage_months (organization_id, month, billable_seconds)
select organization_id, date_trunc('month', day)::date, sum(billable_seconds) from usage_days group by 1, 2;
insert into usage_stale_days (day) select distinct day from usage_days;
alter table usage_days force row level security;
alter table usage_months force row level security;
alter table usage_platform_days force row level security;
