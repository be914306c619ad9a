-- Who may do what with documents, passages and competitors.

alter table knowledge_documents force row level security;
alter table knowledge_chunks force row level security;
alter table competitors force row level security;

grant select on knowledge_documents, knowledge_chunks, competitors to voxcalls_app, voxcalls_platform;
grant insert, update on knowledge_documents to voxcalls_app;
grant insert, delete on knowledge_chunks to voxcalls_app;
grant insert, update, delete on competitors to voxcalls_app;

-- Floats do not compress; trying costs each write and each read.
alter table knowledge_chunks alter column embedding set storage external;
