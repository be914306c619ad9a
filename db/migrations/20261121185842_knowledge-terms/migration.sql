DROP INDEX "knowledge_chunks_words";--> statement-breakpoint
CREATE INDEX "knowledge_chunks_words" ON "knowledge_chunks" USING gin (knowledge_terms(organization_id, words)) WITH (fastupdate=false);