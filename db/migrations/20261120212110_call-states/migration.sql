-- A call's state only moves forward, with a reason, a moment and a line on its timeline.

-- Sorts by when it was made, to the microsecond; core Postgres has such ids only since 18.
create function time_ordered_uuid() returns uuid language sql volatile set search_path = public, pg_temp as $$
  select encode(
    overlay(
      overlay(uuid_send(gen_random_uuid()) placing substring(int8send(us / 1000) from 3) from 1 for 6)
      placing int2send((28672 + (us % 1000) * 4)::int2) from 7 for 2),
    'hex')::uuid
  from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us) as now
$$;
grant execute on function time_ordered_uuid to voxcalls_app;

create function call_state_rank(p_state text) returns integer language sql immutable set search_path = public, pg_temp as $$
  select case p_state
    when 'created' then 0 when 'authorized' then 1 when 'ringing' then 2 when 'live' then 3
    when 'ending' then 4 when 'ended' then 5
    -- An end of its own: reached from any state before `ended`, and left only for `settled`.
    when 'refused' then 5 when 'failed' then 5
    when 'settled' then 6
  end
$$;
grant execute on function call_state_rank to voxcalls_app;

create function calls_move_forward() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare moment constant timestamptz := clock_timestamp();
begin
  if tg_op = 'INSERT' then
    if new.state <> 'created' then
      raise exception 'a call starts as created, not as %', new.state
        using errcode = '23514', constraint = 'calls_state_only_forward', table = 'calls';
    end if;
    return new;
  end if;

  if new.state = old.state then
    return new;
  end if;
  if call_state_rank(new.state) <= call_state_rank(old.state) then
    raise exception 'a call cannot go from % to %', old.state, new.state
      using errcode = '23514', constraint = 'calls_state_only_forward', table = 'calls';
  end if;
  -- Why a call is ending is also why it ended, and settling it changes nothing about that.
  if new.reason = old.reason and not (new.state = 'settled' or (old.state = 'ending' and new.state = 'ended')) then
    raise exception 'a call that goes from % to % needs a reason of its own', old.state, new.state
      using errcode = '23514', constraint = 'calls_state_has_its_reason', table = 'calls';
  end if;

  if new.state = 'authorized' then new.authorized_at := coalesce(new.authorized_at, moment);
  elsif new.state = 'live' then new.live_at := coalesce(new.live_at, moment);
  elsif new.state in ('ended', 'refused', 'failed') then new.ended_at := coalesce(new.ended_at, moment);
  elsif new.state = 'settled' then
    new.ended_at := coalesce(new.ended_at, moment);
    new.settled_at := coalesce(new.settled_at, moment);
  end if;
  return new;
end $$;

create function calls_tell_state() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare moment timestamptz;
begin
  moment := case new.state
    when 'created' then new.created_at
    when 'authorized' then new.authorized_at
    when 'live' then new.live_at
    when 'ended' then new.ended_at
    when 'refused' then new.ended_at
    when 'failed' then new.ended_at
    when 'settled' then new.settled_at
  end;
  insert into call_events (organization_id, id, call_id, at, kind, data)
  values (
    new.organization_id, time_ordered_uuid(), new.id, coalesce(moment, clock_timestamp()), 'state.' || new.state,
    jsonb_build_object(
      'from', case when tg_op = 'UPDATE' then old.state end, 'to', new.state, 'reason', new.reason));
  return null;
end $$;

create trigger calls_state_only_forward before insert or update of state on calls
  for each row execute function calls_move_forward();
-- After the row: an insert that met a conflict and did nothing leaves no line.
create trigger calls_state_told_at_start after insert on calls
  for each row execute function calls_tell_state();
create trigger calls_state_told after update of state on calls
  for each row when (old.state is distinct from new.state) execute function calls_tell_state();
