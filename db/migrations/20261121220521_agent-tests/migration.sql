CREATE TABLE "agent_test_runs" (
	"organization_id" uuid,
	"id" uuid,
	"agent_id" uuid NOT NULL,
	"test_id" uuid,
	"test_name" text NOT NULL,
	"test_revision" integer NOT NULL,
	"steps" jsonb NOT NULL,
	"draft_fingerprint" text,
	"state" text DEFAULT 'queued' NOT NULL,
	"reason" text,
	"detail" text,
	"call_id" uuid,
	"results" jsonb DEFAULT '[]' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"claim" uuid,
	"claimed_until" timestamp(3) with time zone,
	"queued_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp(3) with time zone,
	"finished_at" timestamp(3) with time zone,
	"started_by_user_id" uuid,
	CONSTRAINT "agent_test_runs_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "agent_test_runs_state_known" CHECK ("state" in ('queued', 'running', 'passed', 'failed', 'broken')),
	CONSTRAINT "agent_test_runs_finished_has_moment" CHECK (("state" in ('passed', 'failed', 'broken')) = ("finished_at" is not null)),
	CONSTRAINT "agent_test_runs_running_is_claimed" CHECK (("state" = 'running') = ("claim" is not null and "claimed_until" is not null)),
	CONSTRAINT "agent_test_runs_broken_says_why" CHECK (("state" = 'broken') = ("reason" is not null)),
	CONSTRAINT "agent_test_runs_detail_bounded" CHECK (length("detail") <= 500)
);
--> statement-breakpoint
ALTER TABLE "agent_test_runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agent_tests" (
	"organization_id" uuid,
	"id" uuid,
	"agent_id" uuid NOT NULL,
	"name" text NOT NULL,
	"steps" jsonb NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"created_by_user_id" uuid,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_by_user_id" uuid,
	CONSTRAINT "agent_tests_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "agent_tests_name_not_blank" CHECK (length(btrim("name")) between 1 and 120),
	CONSTRAINT "agent_tests_revision_counts" CHECK ("revision" > 0)
);
--> statement-breakpoint
ALTER TABLE "agent_tests" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "publish_needs_tests" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "agent_test_runs_one_at_a_time" ON "agent_test_runs" ("organization_id","agent_id") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "agent_test_runs_newest" ON "agent_test_runs" ("organization_id","agent_id","queued_at","id");--> statement-breakpoint
CREATE INDEX "agent_test_runs_of_test" ON "agent_test_runs" ("organization_id","test_id","queued_at","id");--> statement-breakpoint
CREATE INDEX "agent_test_runs_unfinished" ON "agent_test_runs" ("queued_at") WHERE finished_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "agent_tests_once_per_name" ON "agent_tests" ("organization_id","agent_id",lower(name));--> statement-breakpoint
CREATE INDEX "agent_tests_newest" ON "agent_tests" ("organization_id","agent_id","created_at","id");--> statement-breakpoint
ALTER TABLE "agent_test_runs" ADD CONSTRAINT "agent_test_runs_started_by_user_id_users_id_fkey" FOREIGN KEY ("started_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agent_test_runs" ADD CONSTRAINT "agent_test_runs_COePLiXonzuW_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agent_test_runs" ADD CONSTRAINT "agent_test_runs_9KrGDEfNc96q_fkey" FOREIGN KEY ("organization_id","test_id") REFERENCES "agent_tests"("organization_id","id");--> statement-breakpoint
ALTER TABLE "agent_tests" ADD CONSTRAINT "agent_tests_created_by_user_id_users_id_fkey" FOREIGN KEY ("created_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agent_tests" ADD CONSTRAINT "agent_tests_updated_by_user_id_users_id_fkey" FOREIGN KEY ("updated_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agent_tests" ADD CONSTRAINT "agent_tests_AlZE09moLWu2_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
CREATE POLICY "agent_test_runs_own_organization" ON "agent_test_runs" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_test_runs_platform_reads" ON "agent_test_runs" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "agent_tests_own_organization" ON "agent_tests" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agent_tests_platform_reads" ON "agent_tests" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
ALTER TABLE "agent_tests" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agent_test_runs" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT ON "agent_tests", "agent_test_runs" TO voxcalls_app, voxcalls_platform;--> statement-breakpoint
GRANT INSERT, UPDATE, DELETE ON "agent_tests" TO voxcalls_app;--> statement-breakpoint
GRANT INSERT, UPDATE ON "agent_test_runs" TO voxcalls_app;
