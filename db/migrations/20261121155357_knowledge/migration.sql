CREATE TABLE "competitors" (
	"organization_id" uuid,
	"id" uuid,
	"name" text NOT NULL,
	"website" text,
	"strengths" text[] DEFAULT '{}'::text[] NOT NULL,
	"weaknesses" text[] DEFAULT '{}'::text[] NOT NULL,
	"talking_points" text[] DEFAULT '{}'::text[] NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "competitors_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "competitors_name_not_blank" CHECK (length(btrim("name")) between 1 and 120)
);
--> statement-breakpoint
ALTER TABLE "competitors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "knowledge_chunks" (
	"organization_id" uuid,
	"id" uuid,
	"document_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"page" integer,
	"body" text NOT NULL,
	"embedding" bytea NOT NULL,
	"signature" bit(1536) NOT NULL,
	"words" tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED NOT NULL,
	CONSTRAINT "knowledge_chunks_pkey" PRIMARY KEY("organization_id","id")
);
--> statement-breakpoint
ALTER TABLE "knowledge_chunks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "knowledge_documents" (
	"organization_id" uuid,
	"id" uuid,
	"title" text NOT NULL,
	"kind" text NOT NULL,
	"media_type" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"object_key" text NOT NULL,
	"source_url" text,
	"state" text DEFAULT 'queued' NOT NULL,
	"reason" text,
	"pages" integer,
	"characters" integer,
	"chunks" integer DEFAULT 0 NOT NULL,
	"embedding_model" text,
	"elevenlabs_document_id" text,
	"vendor_state" text DEFAULT 'none' NOT NULL,
	"uploaded_by_user_id" uuid,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp(3) with time zone,
	"erased_at" timestamp(3) with time zone,
	CONSTRAINT "knowledge_documents_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "knowledge_documents_kind_known" CHECK ("kind" in ('file', 'text', 'url')),
	CONSTRAINT "knowledge_documents_state_known" CHECK ("state" in ('queued', 'parsing', 'embedding', 'ready', 'rejected')),
	CONSTRAINT "knowledge_documents_title_not_blank" CHECK (length(btrim("title")) between 1 and 200),
	CONSTRAINT "knowledge_documents_rejected_has_reason" CHECK (("state" = 'rejected') = ("reason" is not null))
);
--> statement-breakpoint
ALTER TABLE "knowledge_documents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE UNIQUE INDEX "competitors_once_per_name" ON "competitors" ("organization_id",lower(name));--> statement-breakpoint
CREATE INDEX "competitors_newest" ON "competitors" ("organization_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "knowledge_chunks_in_order" ON "knowledge_chunks" ("organization_id","document_id","position");--> statement-breakpoint
CREATE INDEX "knowledge_chunks_words" ON "knowledge_chunks" USING gin ("words");--> statement-breakpoint
CREATE INDEX "knowledge_documents_newest" ON "knowledge_documents" ("organization_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "knowledge_documents_once_per_content" ON "knowledge_documents" ("organization_id","sha256") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "knowledge_documents_to_erase" ON "knowledge_documents" ("deleted_at") WHERE deleted_at is not null and erased_at is null;--> statement-breakpoint
ALTER TABLE "competitors" ADD CONSTRAINT "competitors_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "knowledge_chunks" ADD CONSTRAINT "knowledge_chunks_1zf9gMzfQcj5_fkey" FOREIGN KEY ("organization_id","document_id") REFERENCES "knowledge_documents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "knowledge_documents" ADD CONSTRAINT "knowledge_documents_uploaded_by_user_id_users_id_fkey" FOREIGN KEY ("uploaded_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "knowledge_documents" ADD CONSTRAINT "knowledge_documents_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
CREATE POLICY "competitors_own_organization" ON "competitors" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "competitors_platform_reads" ON "competitors" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "knowledge_chunks_own_organization" ON "knowledge_chunks" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "knowledge_chunks_platform_reads" ON "knowledge_chunks" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "knowledge_documents_own_organization" ON "knowledge_documents" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "knowledge_documents_platform_reads" ON "knowledge_documents" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);