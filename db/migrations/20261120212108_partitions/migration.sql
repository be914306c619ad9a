-- Calls' events and turns are kept by month. A job makes the months ahead; none is ever detached here.

create function make_month_partitions(p_months_back integer, p_months_ahead integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  parent text;
  month timestamp;
  this_month constant timestamp := date_trunc('month', now() at time zone 'UTC');
  partition_name text;
  made integer := 0;
begin
  if p_months_back not between 0 and 120 or p_months_ahead not between 0 and 120 then
    raise exception 'at most ten years of months' using errcode = '22023';
  end if;
  -- Two processes starting at once would both try to make the same month.
  perform pg_advisory_xact_lock(hashtext('voxcalls:partitions'));

  foreach parent in array array['call_events', 'transcript_turns'] loop
    for i in -p_months_back .. p_months_ahead loop
      month := this_month + make_interval(months => i);
      partition_name := parent || '_' || to_char(month, 'YYYY_MM');
      continue when to_regclass(format('public.%I', partition_name)) is not null;

      -- Made apart and then attached: `partition of` would lock out every reader and writer of the parent.
      execute format('create table public.%I (like public.%I including all)', partition_name, parent);
      -- Nobody is granted a partition; should somebody be, it shows nothing.
      execute format('alter table public.%I enable row level security', partition_name);
      execute format('alter table public.%I force row level security', partition_name);
      execute format(
        'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
        parent, partition_name,
        to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
        to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
      made := made + 1;
    end loop;
  end loop;
  return made;
end $$;

revoke execute on function make_month_partitions from public;
grant execute on function make_month_partitions to voxcalls_platform;

select make_month_partitions(3, 6);
