CREATE TABLE "agent_tool_keys" (
	"organization_id" uuid PRIMARY KEY,
	"id" uuid NOT NULL,
	"secret" text NOT NULL,
	"secret_last_four" text NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "agent_tool_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agent_tool_keys" ADD CONSTRAINT "agent_tool_keys_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
CREATE POLICY "agent_tool_keys_own_organization" ON "agent_tool_keys" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_tool_keys_platform_reads" ON "agent_tool_keys" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
ALTER TABLE "agent_tool_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT ON "agent_tool_keys" TO voxcalls_app, voxcalls_platform;--> statement-breakpoint
GRANT INSERT, UPDATE ON "agent_tool_keys" TO voxcalls_app;
