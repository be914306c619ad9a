-- No tenant's data: only the platform's role reads and writes them.
alter table processes force row level security;
alter table verifications force row level security;
grant select, insert, update, delete on processes to voxcalls_platform;
grant select, insert, delete on verifications to voxcalls_platform;
