-- What makes a search among a million passages quick.

-- The signs alone, packed one after another: the nearest passages are found without a look at the passages.
create index knowledge_chunks_signatures on knowledge_chunks (organization_id) include (id, signature);

-- A passage's words as numbers, and its organization as one more: the index meets "this word" and "of this
-- organization" in one pass, as quick as the rarer of both.
create function knowledge_terms(organization_id uuid, words tsvector) returns bigint[]
language sql immutable strict parallel safe
return uuid_hash_extended(organization_id, 0) || array(select hashtextextended(lexeme, 0) from unnest(words));

revoke all on function knowledge_terms(uuid, tsvector) from public;
grant execute on function knowledge_terms(uuid, tsvector) to voxcalls_app, voxcalls_platform;
