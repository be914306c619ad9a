-- A line that closes a hold says why its call was over: what was charged until a machine was known for one, and what
-- was given back because nobody answered. The rest is as it was. Going back is the function of the wallet's migration.

create or replace function wallet_settle(p_org uuid, p_call uuid, p_billable_seconds integer, p_actor text)
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
    'unroundedCents', wallet_unrounded(h.price_per_hour_cents, billed), 'heldCents', h.amount_cents,
    'endedBecause', (select c.reason from calls c where c.organization_id = p_org and c.id = p_call));

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
