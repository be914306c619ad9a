CREATE TABLE "agent_documents" (
	"organization_id" uuid,
	"agent_id" uuid,
	"document_id" uuid,
	CONSTRAINT "agent_documents_pkey" PRIMARY KEY("organization_id","agent_id","document_id")
);
--> statement-breakpoint
ALTER TABLE "agent_documents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agent_tools" (
	"organization_id" uuid,
	"agent_id" uuid,
	"target" text,
	"fingerprint" text,
	"name" text NOT NULL,
	"elevenlabs_tool_id" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "agent_tools_pkey" PRIMARY KEY("organization_id","agent_id","target","fingerprint"),
	CONSTRAINT "agent_tools_target_known" CHECK ("target" in ('published', 'draft'))
);
--> statement-breakpoint
ALTER TABLE "agent_tools" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agent_versions" (
	"organization_id" uuid,
	"agent_id" uuid,
	"number" integer,
	"spec" jsonb NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"restored_from" integer,
	"published_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"published_by_user_id" uuid,
	CONSTRAINT "agent_versions_pkey" PRIMARY KEY("organization_id","agent_id","number"),
	CONSTRAINT "agent_versions_number_counts" CHECK ("number" > 0),
	CONSTRAINT "agent_versions_note_bounded" CHECK (length("note") <= 300)
);
--> statement-breakpoint
ALTER TABLE "agent_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "draft" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "draft_revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "draft_saved_at" timestamp(3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "draft_saved_by_user_id" uuid;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "published_version" integer;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "elevenlabs_draft_agent_id" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "draft_fingerprint" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "sync_error_code" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "sync_error" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "pushed_version" integer;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "pushed" jsonb;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "pushed_fingerprint" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "drift" jsonb;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "drift_found_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "drift_checked_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "push_claim" uuid;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "push_claimed_until" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "erased_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "agents" ALTER COLUMN "sync_state" SET DEFAULT 'unpublished';--> statement-breakpoint
CREATE INDEX "agent_documents_of_document" ON "agent_documents" ("organization_id","document_id");--> statement-breakpoint
CREATE INDEX "agents_to_compare" ON "agents" ("drift_checked_at") WHERE archived_at is null;--> statement-breakpoint
CREATE INDEX "agents_to_erase" ON "agents" ("archived_at") WHERE archived_at is not null and erased_at is null;--> statement-breakpoint
ALTER TABLE "agent_documents" ADD CONSTRAINT "agent_documents_WAbprclZQ1pz_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agent_documents" ADD CONSTRAINT "agent_documents_5YgpPULVXJqQ_fkey" FOREIGN KEY ("organization_id","document_id") REFERENCES "knowledge_documents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agent_tools" ADD CONSTRAINT "agent_tools_AlXG0Kcs6OW8_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agent_versions" ADD CONSTRAINT "agent_versions_published_by_user_id_users_id_fkey" FOREIGN KEY ("published_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agent_versions" ADD CONSTRAINT "agent_versions_CeM3DBCFicHW_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_draft_saved_by_user_id_users_id_fkey" FOREIGN KEY ("draft_saved_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_sync_state_known" CHECK ("sync_state" in ('unpublished', 'pending', 'in_sync', 'drifted', 'failed'));--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_sync_error_bounded" CHECK (length("sync_error") <= 500);--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_published_version_counts" CHECK ("published_version" > 0);--> statement-breakpoint
CREATE POLICY "agent_documents_own_organization" ON "agent_documents" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_documents_platform_reads" ON "agent_documents" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "agent_tools_own_organization" ON "agent_tools" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_tools_platform_reads" ON "agent_tools" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "agent_versions_own_organization" ON "agent_versions" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_versions_platform_reads" ON "agent_versions" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);