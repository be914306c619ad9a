-- Who may do what with outbound calls, the rules for them, and the numbers that are not called.

alter table outbound_calls force row level security;
alter table outbound_rules force row level security;
alter table do_not_call_numbers force row level security;

grant select on outbound_calls, outbound_rules, do_not_call_numbers to voxcalls_app, voxcalls_platform;
grant insert, update on outbound_calls, outbound_rules to voxcalls_app;
grant insert, delete on do_not_call_numbers to voxcalls_app;
