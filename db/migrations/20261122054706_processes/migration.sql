CREATE TABLE "processes" (
	"id" uuid PRIMARY KEY,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"version" text NOT NULL,
	"started_at" timestamp(3) with time zone NOT NULL,
	"seen_at" timestamp(3) with time zone NOT NULL,
	"is_draining" boolean NOT NULL,
	"event_loop_delay_ms" integer NOT NULL,
	"gateway" jsonb,
	"breakers" jsonb NOT NULL,
	CONSTRAINT "processes_kind_known" CHECK ("kind" in ('api', 'worker', 'voice'))
);
--> statement-breakpoint
ALTER TABLE "processes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "verifications" (
	"id" uuid PRIMARY KEY,
	"checked_at" timestamp(3) with time zone NOT NULL,
	"ok" boolean NOT NULL,
	"findings" integer NOT NULL,
	"unfinished" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "verifications" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "verifications_newest" ON "verifications" ("checked_at","id");--> statement-breakpoint
CREATE POLICY "processes_platform" ON "processes" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "verifications_platform" ON "verifications" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);