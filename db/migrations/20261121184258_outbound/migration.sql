CREATE TABLE "outbound_calls" (
	"organization_id" uuid,
	"call_id" uuid,
	"consent_basis" text NOT NULL,
	"consent_obtained_at" timestamp(3) with time zone NOT NULL,
	"consent_note" text DEFAULT '' NOT NULL,
	"variables" jsonb DEFAULT '{}' NOT NULL,
	"on_machine" text DEFAULT 'hang_up' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"dialled_at" timestamp(3) with time zone,
	"answered_by" text,
	CONSTRAINT "outbound_calls_pkey" PRIMARY KEY("organization_id","call_id"),
	CONSTRAINT "outbound_calls_basis_known" CHECK ("consent_basis" in ('written', 'spoken', 'web_form', 'customer', 'employment')),
	CONSTRAINT "outbound_calls_machine_rule_known" CHECK ("on_machine" in ('hang_up', 'go_on')),
	CONSTRAINT "outbound_calls_answerer_known" CHECK ("answered_by" in ('human', 'machine', 'fax', 'unknown')),
	CONSTRAINT "outbound_calls_attempts_bounded" CHECK ("attempts" between 0 and 2),
	CONSTRAINT "outbound_calls_dialled_has_moment" CHECK (("attempts" = 0) = ("dialled_at" is null))
);
--> statement-breakpoint
ALTER TABLE "outbound_calls" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "outbound_rules" (
	"organization_id" uuid PRIMARY KEY,
	"opens_at_minute" integer DEFAULT 480 NOT NULL,
	"closes_at_minute" integer DEFAULT 1260 NOT NULL,
	"weekdays" integer[] DEFAULT '{1,2,3,4,5,6,7}'::integer[] NOT NULL,
	"daily_minutes" integer,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbound_rules_only_stricter" CHECK ("opens_at_minute" >= 480 and "closes_at_minute" <= 1260 and "opens_at_minute" < "closes_at_minute"),
	CONSTRAINT "outbound_rules_weekdays_known" CHECK ("weekdays" <@ array[1, 2, 3, 4, 5, 6, 7]),
	CONSTRAINT "outbound_rules_minutes_not_negative" CHECK ("daily_minutes" >= 0)
);
--> statement-breakpoint
ALTER TABLE "outbound_rules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "do_not_call_numbers" (
	"organization_id" uuid,
	"id" uuid,
	"e164" text NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"actor_id" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "do_not_call_numbers_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "do_not_call_e164" CHECK ("e164" ~ '^\+[1-9][0-9]{6,14}$')
);
--> statement-breakpoint
ALTER TABLE "do_not_call_numbers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE UNIQUE INDEX "do_not_call_once_per_number" ON "do_not_call_numbers" ("organization_id","e164");--> statement-breakpoint
CREATE INDEX "do_not_call_newest" ON "do_not_call_numbers" ("organization_id","created_at","id");--> statement-breakpoint
ALTER TABLE "outbound_calls" ADD CONSTRAINT "outbound_calls_bwAogECqdoFf_fkey" FOREIGN KEY ("organization_id","call_id") REFERENCES "calls"("organization_id","id");--> statement-breakpoint
ALTER TABLE "outbound_rules" ADD CONSTRAINT "outbound_rules_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "do_not_call_numbers" ADD CONSTRAINT "do_not_call_numbers_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
CREATE POLICY "outbound_calls_own_organization" ON "outbound_calls" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "outbound_calls_platform_reads" ON "outbound_calls" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "outbound_rules_own_organization" ON "outbound_rules" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "outbound_rules_platform_reads" ON "outbound_rules" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "do_not_call_numbers_own_organization" ON "do_not_call_numbers" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "do_not_call_numbers_platform_reads" ON "do_not_call_numbers" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);