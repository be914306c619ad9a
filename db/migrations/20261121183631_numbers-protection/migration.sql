-- Who may do what with carrier accounts: they are connected, changed and disconnected, never deleted.

alter table carrier_accounts force row level security;

grant select on carrier_accounts to voxcalls_app, voxcalls_platform;
grant insert, update on carrier_accounts to voxcalls_app;
