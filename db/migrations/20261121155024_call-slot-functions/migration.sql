-- How many calls run on the whole platform is counted by slots, so that a limit holds exactly while no organization
-- sees another's calls. Slots are picked past those that others are taking: nobody waits for anybody, and no row is
-- the one that all admissions queue for.

grant select on call_slots to voxcalls_platform;
alter table call_slots set (fillfactor = 70);
insert into call_slots (slot) select generate_series(1, 1000);

-- Gives the call one of p_max slots; false where all of them are taken. It is an admission's last step: the rows it
-- locks may be waited for by settlements, so nothing may be waited for after it.
-- Runs as the owner, whom the tenant's policies bind as well: a call of another organization is not found.
create function take_call_slot(p_call uuid, p_max integer) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  bound integer := p_max;
  beyond integer;
  made integer;
  free integer;
begin
  if not exists (select from calls where id = p_call and settled_at is null) then
    raise exception 'call % is not running', p_call using errcode = 'P0002';
  end if;
  -- Calls that run beyond a limit that was lowered count too.
  loop
    select count(*) into beyond from call_slots where slot > bound and call_id is not null;
    exit when bound + beyond <= p_max;
    bound := p_max - beyond;
  end loop;
  loop
    -- Before the look for a free one: rows that come meanwhile are then looked for once more.
    select coalesce(max(slot), 0) into made from call_slots;
    select slot into free from call_slots where call_id is null and slot <= bound
     order by slot limit 1 for update skip locked;
    if found then
      update call_slots set call_id = p_call, taken_at = clock_timestamp() where slot = free;
      return true;
    end if;
    exit when made >= bound;
    -- A limit that was raised makes its slots when they are needed, some at a time.
    insert into call_slots (slot) select generate_series(made + 1, least(made + 256, bound)) on conflict do nothing;
  end loop;
  return false;
end $$;

grant execute on function take_call_slot to voxcalls_app;

create function calls_free_slot() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update call_slots set call_id = null, taken_at = null where call_id = new.id;
  return null;
end $$;

create trigger calls_slot_freed after update of state on calls
  for each row when (new.state = 'settled' and old.state <> 'settled') execute function calls_free_slot();
