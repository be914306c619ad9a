CREATE TABLE "usage_months" (
	"organization_id" uuid,
	"month" date,
	"billable_seconds" bigint NOT NULL,
	CONSTRAINT "usage_months_pkey" PRIMARY KEY("organization_id","month")
);
--> statement-breakpoint
ALTER TABLE "usage_months" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_platform_days" (
	"day" date PRIMARY KEY,
	"calls" bigint NOT NULL,
	"billable_seconds" bigint NOT NULL,
	"charged_cents" bigint NOT NULL,
	"vendor_cost_micro_usd" bigint NOT NULL,
	"calls_without_vendor_cost" bigint NOT NULL,
	"charged_cents_of_known_cost" bigint NOT NULL,
	"computed_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "usage_platform_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_stale_days" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_stale_days_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL
);
--> statement-breakpoint
DROP INDEX "calls_newest";--> statement-breakpoint
CREATE INDEX "calls_newest" ON "calls" ("organization_id","created_at","id","from_number","to_number");--> statement-breakpoint
CREATE INDEX "calls_never_began" ON "calls" ("organization_id","created_at","id") WHERE live_at is null or state in ('refused', 'failed');--> statement-breakpoint
ALTER TABLE "usage_months" ADD CONSTRAINT "usage_months_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
CREATE POLICY "usage_months_own_organization" ON "usage_months" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "usage_months_platform_reads" ON "usage_months" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "usage_platform_days_platform" ON "usage_platform_days" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);