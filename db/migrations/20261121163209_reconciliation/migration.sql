CREATE TABLE "reconciliation_findings" (
	"organization_id" uuid,
	"call_id" uuid,
	"kind" text,
	"id" uuid NOT NULL,
	"cause" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"carrier_seconds" integer,
	"elevenlabs_seconds" integer,
	"gateway_seconds" integer,
	"billed_seconds" integer,
	"charged_cents" bigint,
	"vendor_cost_micro_usd" bigint,
	"found_at" timestamp(3) with time zone NOT NULL,
	"checked_at" timestamp(3) with time zone NOT NULL,
	"closed_at" timestamp(3) with time zone,
	"closed_by" text,
	"note" text,
	"corrected_cents" bigint,
	CONSTRAINT "reconciliation_findings_pkey" PRIMARY KEY("organization_id","call_id","kind"),
	CONSTRAINT "reconciliation_findings_id" UNIQUE("organization_id","id"),
	CONSTRAINT "reconciliation_findings_kind_known" CHECK ("kind" in ('charged_beyond_carrier', 'carrier_longer', 'carrier_unknown', 'conversation_longer', 'conversation_shorter', 'conversation_unknown', 'cost_unknown', 'below_cost', 'seconds_unpaid')),
	CONSTRAINT "reconciliation_findings_state_known" CHECK ("state" in ('open', 'vanished', 'accepted', 'corrected')),
	CONSTRAINT "reconciliation_findings_closed_has_moment" CHECK (("state" = 'open') = ("closed_at" is null)),
	CONSTRAINT "reconciliation_findings_corrected_has_amount" CHECK (("state" = 'corrected') = ("corrected_cents" is not null))
);
--> statement-breakpoint
ALTER TABLE "reconciliation_findings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "elevenlabs_seconds" integer;--> statement-breakpoint
CREATE INDEX "reconciliation_findings_newest" ON "reconciliation_findings" ("found_at","id");--> statement-breakpoint
ALTER TABLE "reconciliation_findings" ADD CONSTRAINT "reconciliation_findings_7whIHeNLDt6r_fkey" FOREIGN KEY ("organization_id","call_id") REFERENCES "calls"("organization_id","id");--> statement-breakpoint
CREATE POLICY "reconciliation_findings_own_organization" ON "reconciliation_findings" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "reconciliation_findings_platform_reads" ON "reconciliation_findings" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);