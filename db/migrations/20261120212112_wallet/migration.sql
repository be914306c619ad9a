-- Money moves only in here. Every function locks the wallet's row first and looks afterwards, so it sees whatever an
-- earlier posting of the same business key left; it answers with a status, and raises only for what is a bug.
-- They run as the owner, whom the tenant's policies bind as well: another organization's wallet is not found.

create type wallet_result as (
  status text,               -- ok, replayed, insufficient, mismatch, settled, no_hold
  funded_seconds integer,    -- what the call may use in all
  billed_seconds integer,    -- what it was charged for
  amount_cents bigint,       -- moved by this posting
  released_cents bigint,
  balance_cents bigint,
  held_cents bigint,
  deficit_cents bigint,
  crossed_percent smallint   -- 80 or 95 of the basis used, 100 a call found too little; each once a credit, else 0
);

-- The one formula of every price (cents an hour): whole cents, rounded up, from all seconds together.
create function call_cost_cents(p_price_per_hour bigint, p_seconds bigint) returns bigint
language sql immutable strict set search_path = public, pg_temp as $$
  select (p_price_per_hour * p_seconds + 3599) / 3600
$$;

create function wallet_unrounded(p_price_per_hour bigint, p_seconds bigint) returns text
language sql immutable strict set search_path = public, pg_temp as $$
  select trim_scale(round(p_price_per_hour * p_seconds / 3600.0, 6))::text
$$;

create function wallet_used_percent(p_basis bigint, p_balance bigint) returns smallint
language sql immutable strict set search_path = public, pg_temp as $$
  select case
    when p_basis <= 0 then 0
    when p_balance * 100 <= p_basis * 5 then 95
    when p_balance * 100 <= p_basis * 20 then 80
    else 0
  end::smallint
$$;

-- The wallet row locked for this transaction.
create function wallet_locked(p_org uuid) returns wallets
language plpgsql set search_path = public, pg_temp as $$
declare w wallets;
begin
  select * into w from wallets where organization_id = p_org for update;
  if not found then
    raise exception 'organization % has no wallet', p_org using errcode = 'P0002';
  end if;
  return w;
end $$;

-- One balanced line; the wallet's own row is written by the caller, in the same statement's transaction.
create function wallet_line(
  w wallets, p_kind text, p_from text, p_to text, p_amount bigint, p_key text, p_call uuid, p_actor text,
  p_explanation jsonb
) returns void language sql set search_path = public, pg_temp as $$
  insert into ledger_entries (
    organization_id, sequence, id, at, kind, from_account, to_account, amount_cents, currency,
    balance_after_cents, held_after_cents, business_key, call_id, actor_id, explanation)
  values (
    w.organization_id, w.entry_sequence, time_ordered_uuid(), clock_timestamp(), p_kind, p_from, p_to, p_amount,
    w.currency, w.balance_cents, w.held_cents, p_key, p_call, p_actor, p_explanation)
$$;

create function wallet_store(w wallets) returns void language sql set search_path = public, pg_temp as $$
  update wallets set
    balance_cents = w.balance_cents, held_cents = w.held_cents, basis_cents = w.basis_cents,
    warned_percent = w.warned_percent, deficit_cents = w.deficit_cents, entry_sequence = w.entry_sequence,
    updated_at = clock_timestamp()
  where organization_id = w.organization_id
$$;

create function wallet_open(p_org uuid, p_currency text) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into wallets (organization_id, currency) values (p_org, p_currency) on conflict do nothing;
  return case when found then 'ok' else 'replayed' end;
end $$;

-- Credits and debits by hand or by the payment vendor; p_amount is signed. An adjustment never takes what running
-- calls hold. A refund or dispute takes what is free and leaves the rest as a deficit, which the next credit repays.
create function wallet_post(
  p_org uuid, p_kind text, p_amount bigint, p_key text, p_actor text, p_explanation jsonb
) returns wallet_result language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w wallets;
  e ledger_entries;
  outside constant text := case p_kind
    when 'top_up' then 'payments' when 'refund' then 'payments' when 'dispute' then 'payments'
    when 'grant' then 'grants' when 'adjustment' then 'adjustments' end;
  explanation constant jsonb := p_explanation || jsonb_build_object('requestedCents', p_amount);
  moved bigint;
  crossed smallint := 0;
begin
  if outside is null or p_amount = 0
     or (p_amount < 0 and p_kind in ('top_up', 'grant')) or (p_amount > 0 and p_kind = 'refund') then
    raise exception 'a % of % cents cannot be posted', p_kind, p_amount using errcode = '22023';
  end if;
  w := wallet_locked(p_org);
  select * into e from ledger_entries where organization_id = p_org and business_key = p_key;
  if found then
    return (
      case when e.kind = p_kind and (e.explanation ->> 'requestedCents')::bigint = p_amount
        then 'replayed' else 'mismatch' end,
      null, null, e.amount_cents, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;

  if p_amount > 0 then
    w.balance_cents := w.balance_cents + p_amount;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, p_kind, outside, 'available', p_amount, p_key, null, p_actor, explanation);
    moved := least(w.deficit_cents, p_amount);
    if moved > 0 then
      w.balance_cents := w.balance_cents - moved;
      w.deficit_cents := w.deficit_cents - moved;
      w.entry_sequence := w.entry_sequence + 1;
      perform wallet_line(w, p_kind, 'available', 'deficit', moved, p_key || ':deficit', null, p_actor,
        jsonb_build_object('repays', 'deficit', 'remainingDeficitCents', w.deficit_cents));
    end if;
    w.basis_cents := w.balance_cents;
    w.warned_percent := 0;
    perform wallet_store(w);
    return ('ok', null, null, p_amount, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;

  moved := least(-p_amount, w.balance_cents - w.held_cents);
  if moved < -p_amount and p_kind = 'adjustment' then
    return ('insufficient', null, null, 0, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;
  w.balance_cents := w.balance_cents - moved;
  w.entry_sequence := w.entry_sequence + 1;
  perform wallet_line(w, p_kind, 'available', outside, moved, p_key, null, p_actor, explanation);
  if moved < -p_amount then
    w.deficit_cents := w.deficit_cents - p_amount - moved;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, p_kind, 'deficit', outside, -p_amount - moved, p_key || ':deficit', null, p_actor,
      jsonb_build_object('uncovered', true, 'deficitCents', w.deficit_cents));
  end if;
  crossed := wallet_used_percent(w.basis_cents, w.balance_cents);
  if crossed <= w.warned_percent then crossed := 0; end if;
  w.warned_percent := greatest(w.warned_percent, crossed);
  perform wallet_store(w);
  return ('ok', null, null, moved, 0, w.balance_cents, w.held_cents, w.deficit_cents, crossed)::wallet_result;
end $$;

-- Makes a call's hold, or raises it to cover p_want seconds in all. Totals rather than steps: a late or repeated
-- request is harmless. Where the money is short it funds as many whole seconds as it can, if those are at least
-- p_minimum more than before. The price is the hold's own from its first slice on.
create function wallet_hold(
  p_org uuid, p_call uuid, p_price_per_hour bigint, p_price_id uuid, p_slice integer, p_want integer, p_minimum integer,
  p_actor text
) returns wallet_result language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w wallets;
  h holds;
  e ledger_entries;
  key constant text := 'call:' || p_call || ':hold:' || p_slice;
  is_first boolean;
  price bigint;
  room bigint;
  held_before bigint;
  seconds_before integer;
  funded bigint;
  added bigint;
  crossed smallint := 0;
begin
  if p_slice < 1 or p_want < 1 or p_want > 86400 or p_minimum < 1 or p_price_per_hour not between 0 and 100000000 then
    raise exception 'slice % of % seconds at % an hour cannot be held', p_slice, p_want, p_price_per_hour
      using errcode = '22023';
  end if;
  w := wallet_locked(p_org);
  select * into h from holds where organization_id = p_org and call_id = p_call;
  is_first := not found;
  if h.state = 'settled' then
    return ('settled', h.funded_seconds, h.billed_seconds, 0, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;
  select * into e from ledger_entries where organization_id = p_org and business_key = key;
  if found then
    return ('replayed', (e.explanation ->> 'fundedSeconds')::integer, null, e.amount_cents, 0, w.balance_cents, w.held_cents,
      w.deficit_cents, 0)::wallet_result;
  end if;

  price := coalesce(h.price_per_hour_cents, p_price_per_hour);
  held_before := coalesce(h.amount_cents, 0);
  seconds_before := coalesce(h.funded_seconds, 0);
  if p_want <= seconds_before then
    return ('ok', seconds_before, null, 0, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;

  room := w.balance_cents - w.held_cents;
  funded := p_want;
  if call_cost_cents(price, p_want) - held_before > room then
    funded := (held_before + room) * 3600 / price;
    if w.warned_percent < 100 then
      crossed := 100;
      w.warned_percent := 100;
    end if;
  end if;
  if (is_first and w.deficit_cents > 0) or (funded < p_want and funded < seconds_before + p_minimum) then
    if crossed > 0 then perform wallet_store(w); end if;
    return ('insufficient', seconds_before, null, 0, 0, w.balance_cents, w.held_cents, w.deficit_cents, crossed)::wallet_result;
  end if;

  added := call_cost_cents(price, funded) - held_before;
  w.held_cents := w.held_cents + added;
  w.entry_sequence := w.entry_sequence + 1;
  if is_first then
    insert into holds (organization_id, call_id, price_per_hour_cents, price_id, amount_cents, funded_seconds)
    values (p_org, p_call, price, p_price_id, added, funded);
  else
    update holds set amount_cents = held_before + added, funded_seconds = funded, slices = slices + 1
     where organization_id = p_org and call_id = p_call;
  end if;
  perform wallet_line(w, 'hold', 'available', 'held', added, key, p_call, p_actor, jsonb_build_object(
    'slice', p_slice, 'seconds', funded - seconds_before, 'fundedSeconds', funded, 'wantedSeconds', p_want,
    'pricePerHourCents', price, 'priceId', coalesce(h.price_id, p_price_id),
    'unroundedCents', wallet_unrounded(price, funded), 'totalHeldCents', held_before + added));
  perform wallet_store(w);
  return ('ok', funded, null, added, 0, w.balance_cents, w.held_cents, w.deficit_cents, crossed)::wallet_result;
end $$;

-- Ends a call's hold once: takes the cost of the billable seconds, as far as they were funded, and gives the rest back.
create function wallet_settle(p_org uuid, p_call uuid, p_billable_seconds integer, p_actor text)
returns wallet_result language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w wallets;
  h holds;
  billed integer;
  taken bigint;
  rest bigint;
  crossed smallint;
  explanation jsonb;
begin
  if p_billable_seconds < 0 or p_billable_seconds > 604800 then
    raise exception '% billable seconds cannot be settled', p_billable_seconds using errcode = '22023';
  end if;
  w := wallet_locked(p_org);
  select * into h from holds where organization_id = p_org and call_id = p_call;
  if not found then
    return ('no_hold', 0, 0, 0, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;
  if h.state = 'settled' then
    return ('replayed', h.funded_seconds, h.billed_seconds, h.captured_cents, h.amount_cents - h.captured_cents, w.balance_cents,
      w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;

  -- Nobody pays for seconds that were never funded; the hold was made by the same formula, so it covers the rest.
  billed := least(p_billable_seconds, h.funded_seconds);
  taken := call_cost_cents(h.price_per_hour_cents, billed);
  rest := h.amount_cents - taken;
  explanation := jsonb_build_object(
    'measuredSeconds', p_billable_seconds, 'billedSeconds', billed, 'fundedSeconds', h.funded_seconds, 'slices', h.slices,
    'pricePerHourCents', h.price_per_hour_cents, 'priceId', h.price_id,
    'unroundedCents', wallet_unrounded(h.price_per_hour_cents, billed), 'heldCents', h.amount_cents);

  -- At least one line closes every hold, also one of nothing.
  if taken > 0 or rest = 0 then
    w.balance_cents := w.balance_cents - taken;
    w.held_cents := w.held_cents - taken;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, 'capture', 'held', 'revenue', taken, 'call:' || p_call || ':capture', p_call, p_actor,
      explanation);
  end if;
  if rest > 0 then
    w.held_cents := w.held_cents - rest;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, 'release', 'held', 'available', rest, 'call:' || p_call || ':release', p_call, p_actor,
      explanation);
  end if;
  update holds set state = 'settled', captured_cents = taken, billed_seconds = billed, settled_at = clock_timestamp()
   where organization_id = p_org and call_id = p_call;

  crossed := wallet_used_percent(w.basis_cents, w.balance_cents);
  if crossed <= w.warned_percent then crossed := 0; end if;
  w.warned_percent := greatest(w.warned_percent, crossed);
  perform wallet_store(w);
  return ('ok', h.funded_seconds, billed, taken, rest, w.balance_cents, w.held_cents, w.deficit_cents, crossed)::wallet_result;
end $$;

grant execute on function wallet_open, wallet_post, wallet_hold, wallet_settle to voxcalls_app;

-- What an hour costs until a super_admin says otherwise: no call can be priced by nothing.
insert into prices (id, price_per_hour_cents, mock_price_percent, effective_from, reason)
values ('00000000-0000-7000-8000-000000000001', 2500, 0, '2020-01-01 00:00:00+00', 'default');
