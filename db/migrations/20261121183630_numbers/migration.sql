CREATE TABLE "carrier_accounts" (
	"organization_id" uuid,
	"id" uuid,
	"twilio_account_sid" text NOT NULL,
	"label" text DEFAULT '' NOT NULL,
	"auth_token" text,
	"auth_token_last_four" text NOT NULL,
	"state" text DEFAULT 'verified' NOT NULL,
	"verified_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"disconnected_at" timestamp(3) with time zone,
	CONSTRAINT "carrier_accounts_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "carrier_accounts_sid" CHECK ("twilio_account_sid" ~ '^AC[0-9a-fA-F]{32}$'),
	CONSTRAINT "carrier_accounts_state_known" CHECK ("state" in ('verified', 'refused')),
	CONSTRAINT "carrier_accounts_token_while_connected" CHECK (("auth_token" is null) = ("disconnected_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "carrier_accounts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "carrier_account_id" uuid;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "origin" text DEFAULT 'held' NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "capabilities" jsonb DEFAULT '{"voice":true,"sms":false,"mms":false}' NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "state" text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "step" text;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "error" jsonb;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "previous_webhooks" jsonb;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "purchase_sent_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "purchases_sent" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "stays_at_carrier" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "elevenlabs_phone_number_id" text;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "applied_revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "work_epoch" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "work_until" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "fallback_kind" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "fallback_text" text;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "fallback_to" text;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "drift" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "drift_found_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "checked_at" timestamp(3) with time zone;--> statement-breakpoint
CREATE INDEX "calls_of_number" ON "calls" ("organization_id","phone_number_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "carrier_accounts_one_owner" ON "carrier_accounts" ("twilio_account_sid") WHERE disconnected_at is null;--> statement-breakpoint
CREATE INDEX "phone_numbers_unfinished" ON "phone_numbers" ("created_at") WHERE state in ('importing', 'changing', 'releasing');--> statement-breakpoint
CREATE INDEX "phone_numbers_unchecked" ON "phone_numbers" ("checked_at") WHERE state = 'active';--> statement-breakpoint
ALTER TABLE "carrier_accounts" ADD CONSTRAINT "carrier_accounts_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_80s9HicYxuhe_fkey" FOREIGN KEY ("organization_id","carrier_account_id") REFERENCES "carrier_accounts"("organization_id","id");--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_origin_known" CHECK ("origin" in ('bought', 'held'));--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_state_known" CHECK ("state" in ('importing', 'active', 'changing', 'failed', 'releasing', 'released'));--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_failed_says_why" CHECK ("state" <> 'failed' or "error" is not null);--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_released_once" CHECK ("state" <> 'released' or "released_at" is not null);--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_lines_bounded" CHECK ("max_concurrent_calls" between 1 and 1000);--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_fallback_known" CHECK ("fallback_kind" in ('none', 'message', 'voicemail', 'forward'));--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_fallback_complete" CHECK (("fallback_kind" not in ('message', 'voicemail') or "fallback_text" is not null)
        and ("fallback_kind" <> 'forward' or "fallback_to" ~ '^\+[1-9][0-9]{1,14}$'));--> statement-breakpoint
CREATE POLICY "carrier_accounts_own_organization" ON "carrier_accounts" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "carrier_accounts_platform_reads" ON "carrier_accounts" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);