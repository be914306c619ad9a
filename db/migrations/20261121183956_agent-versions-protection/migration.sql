-- Agents that are there were published as they stand: that is their first version, and their draft.
alter table agents no force row level security;
update agents set
  published_version = 1,
  draft = jsonb_build_object(
    'prompt', prompt, 'firstMessage', first_message, 'language', language, 'voiceId', voice_id,
    'maxDurationSeconds', max_duration_seconds);
insert into agent_versions (organization_id, agent_id, number, spec, note, published_at)
select organization_id, id, 1, draft, '', created_at from agents;
alter table agents force row level security;

-- Who may do what with versions, and what is never undone.
alter table agent_versions force row level security;
alter table agent_documents force row level security;
alter table agent_tools force row level security;

grant select on agent_versions, agent_documents, agent_tools to voxcalls_app, voxcalls_platform;
grant insert on agent_versions to voxcalls_app;
grant insert, delete on agent_documents to voxcalls_app;
grant insert, update, delete on agent_tools to voxcalls_app;

create trigger agent_versions_never_change before update or delete on agent_versions
  for each row execute function refuse_change();
create trigger agent_versions_never_truncated before truncate on agent_versions
  for each statement execute function refuse_change();
