-- A refused hold is undone with the transaction it refuses, and with it the note that the money is used up. This
-- keeps that note afterwards, in a transaction of its own; true for whoever is first since the last credit.
create function wallet_note_exhausted(p_org uuid) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update wallets set warned_percent = 100 where organization_id = p_org and warned_percent < 100;
  return found;
end $$;

grant execute on function wallet_note_exhausted to voxcalls_app;
