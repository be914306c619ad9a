-- What the three clocks of a call disagree on; who may read and write it.
alter table reconciliation_findings force row level security;
grant select on reconciliation_findings to voxcalls_app, voxcalls_platform;
grant insert, update on reconciliation_findings to voxcalls_app;

-- A correction of a call's charge is an adjustment that names the call. Otherwise as it was: credits and debits by
-- hand or by the payment vendor; p_amount is signed. An adjustment never takes what running calls hold. A refund or
-- dispute takes what is free and leaves the rest as a deficit, which the next credit repays. A refund that the bank
-- did not take, like a dispute that was won, gives the money back: a credit of its own kind.
drop function wallet_post(uuid, text, bigint, text, text, jsonb);

create function wallet_post(
  p_org uuid, p_kind text, p_amount bigint, p_key text, p_actor text, p_explanation jsonb,
  p_call uuid default null
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
     or (p_amount < 0 and p_kind in ('top_up', 'grant')) then
    raise exception 'a % of % cents cannot be posted', p_kind, p_amount using errcode = '22023';
  end if;
  w := wallet_locked(p_org);
  select * into e from ledger_entries where organization_id = p_org and business_key = p_key;
  if found then
    return (
      case when e.kind = p_kind and (e.explanation ->> 'requestedCents')::bigint = p_amount
                and e.call_id is not distinct from p_call
        then 'replayed' else 'mismatch' end,
      null, null, e.amount_cents, 0, w.balance_cents, w.held_cents, w.deficit_cents, 0)::wallet_result;
  end if;

  if p_amount > 0 then
    w.balance_cents := w.balance_cents + p_amount;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, p_kind, outside, 'available', p_amount, p_key, p_call, p_actor, explanation);
    moved := least(w.deficit_cents, p_amount);
    if moved > 0 then
      w.balance_cents := w.balance_cents - moved;
      w.deficit_cents := w.deficit_cents - moved;
      w.entry_sequence := w.entry_sequence + 1;
      perform wallet_line(w, p_kind, 'available', 'deficit', moved, p_key || ':deficit', p_call, p_actor,
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
  perform wallet_line(w, p_kind, 'available', outside, moved, p_key, p_call, p_actor, explanation);
  if moved < -p_amount then
    w.deficit_cents := w.deficit_cents - p_amount - moved;
    w.entry_sequence := w.entry_sequence + 1;
    perform wallet_line(w, p_kind, 'deficit', outside, -p_amount - moved, p_key || ':deficit', p_call, p_actor,
      jsonb_build_object('uncovered', true, 'deficitCents', w.deficit_cents));
  end if;
  crossed := wallet_used_percent(w.basis_cents, w.balance_cents);
  if crossed <= w.warned_percent then crossed := 0; end if;
  w.warned_percent := greatest(w.warned_percent, crossed);
  perform wallet_store(w);
  return ('ok', null, null, moved, 0, w.balance_cents, w.held_cents, w.deficit_cents, crossed)::wallet_result;
end $$;

grant execute on function wallet_post to voxcalls_app;
