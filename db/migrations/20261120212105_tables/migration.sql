CREATE TABLE "platform_admins" (
	"user_id" uuid PRIMARY KEY,
	"role" text NOT NULL,
	"granted_by_user_id" uuid,
	"granted_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_admins_role_known" CHECK ("role" in ('super_admin', 'manager'))
);
--> statement-breakpoint
ALTER TABLE "platform_admins" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY,
	"clerk_user_id" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agents" (
	"organization_id" uuid,
	"id" uuid,
	"name" text NOT NULL,
	"prompt" text NOT NULL,
	"first_message" text NOT NULL,
	"language" text DEFAULT 'en' NOT NULL,
	"voice_id" text NOT NULL,
	"max_duration_seconds" integer DEFAULT 3600 NOT NULL,
	"elevenlabs_agent_id" text,
	"sync_state" text DEFAULT 'pending' NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp(3) with time zone,
	CONSTRAINT "agents_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "agents_duration_bounded" CHECK ("max_duration_seconds" between 60 and 14400)
);
--> statement-breakpoint
ALTER TABLE "agents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"organization_id" uuid,
	"sequence" bigint,
	"id" uuid NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_entries_pkey" PRIMARY KEY("organization_id","sequence")
);
--> statement-breakpoint
ALTER TABLE "audit_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_heads" (
	"organization_id" uuid PRIMARY KEY,
	"sequence" bigint DEFAULT 0 NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_heads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "call_events" (
	"organization_id" uuid,
	"id" uuid,
	"call_id" uuid NOT NULL,
	"at" timestamp(3) with time zone,
	"kind" text NOT NULL,
	"data" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "call_events_pkey" PRIMARY KEY("organization_id","id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
ALTER TABLE "call_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "call_leases" (
	"organization_id" uuid,
	"call_id" uuid,
	"epoch" integer DEFAULT 1 NOT NULL,
	"owner" text NOT NULL,
	"address" text NOT NULL,
	"heartbeat_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"media_seconds" integer DEFAULT 0 NOT NULL,
	"closed_at" timestamp(3) with time zone,
	CONSTRAINT "call_leases_pkey" PRIMARY KEY("organization_id","call_id"),
	CONSTRAINT "call_leases_epoch_positive" CHECK ("epoch" >= 1)
);
--> statement-breakpoint
ALTER TABLE "call_leases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "calls" (
	"organization_id" uuid,
	"id" uuid,
	"kind" text NOT NULL,
	"route" text DEFAULT 'gateway' NOT NULL,
	"direction" text NOT NULL,
	"state" text DEFAULT 'created' NOT NULL,
	"reason" text DEFAULT 'created' NOT NULL,
	"from_number" text NOT NULL,
	"to_number" text NOT NULL,
	"phone_number_id" uuid,
	"agent_id" uuid,
	"user_id" uuid,
	"twilio_account_sid" text,
	"twilio_call_sid" text,
	"elevenlabs_conversation_id" text,
	"stream_token_hash" text,
	"stream_token_expires_at" timestamp(3) with time zone,
	"stream_token_used_at" timestamp(3) with time zone,
	"price_per_hour_cents" bigint,
	"billing_status" text DEFAULT 'pending' NOT NULL,
	"billable_seconds" integer,
	"cost_cents" bigint,
	"vendor_seconds" integer,
	"vendor_cost_micro_usd" bigint,
	"vendor_summary" text,
	"reconciled_at" timestamp(3) with time zone,
	"resumes" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"authorized_at" timestamp(3) with time zone,
	"live_at" timestamp(3) with time zone,
	"ended_at" timestamp(3) with time zone,
	"settled_at" timestamp(3) with time zone,
	CONSTRAINT "calls_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "calls_kind_known" CHECK ("kind" in ('agent', 'live', 'mock', 'meeting')),
	CONSTRAINT "calls_state_known" CHECK ("state" in ('created', 'authorized', 'ringing', 'live', 'ending', 'ended', 'settled', 'refused', 'failed')),
	CONSTRAINT "calls_billing_status_known" CHECK ("billing_status" in ('pending', 'charged', 'blocked', 'waived'))
);
--> statement-breakpoint
ALTER TABLE "calls" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"vendor" text,
	"delivery_id" text,
	"kind" text NOT NULL,
	"subject" jsonb DEFAULT '{}' NOT NULL,
	"received_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp(3) with time zone,
	"attempts" bigint DEFAULT 1 NOT NULL,
	"outcome" text,
	CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY("vendor","delivery_id")
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "memberships" (
	"organization_id" uuid,
	"id" uuid,
	"user_id" uuid NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"email" text DEFAULT '' NOT NULL,
	"role" text NOT NULL,
	"joined_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "memberships_role_known" CHECK ("role" in ('admin', 'org_manager', 'sales_person'))
);
--> statement-breakpoint
ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"status_changed_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"announcement_enabled" boolean DEFAULT true NOT NULL,
	"announcement_text" text DEFAULT 'This call may be recorded.' NOT NULL,
	"recording_retention_days" integer DEFAULT 90 NOT NULL,
	"transcript_retention_days" integer DEFAULT 365 NOT NULL,
	"max_concurrent_calls" integer DEFAULT 100 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizations_name_not_blank" CHECK (length(btrim("name")) between 1 and 120),
	CONSTRAINT "organizations_status_known" CHECK ("status" in ('active', 'paused', 'archived'))
);
--> statement-breakpoint
ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "phone_numbers" (
	"organization_id" uuid,
	"id" uuid,
	"e164" text NOT NULL,
	"label" text DEFAULT '' NOT NULL,
	"route" text DEFAULT 'gateway' NOT NULL,
	"agent_id" uuid,
	"twilio_number_sid" text,
	"twilio_account_sid" text NOT NULL,
	"max_concurrent_calls" integer DEFAULT 50 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"released_at" timestamp(3) with time zone,
	CONSTRAINT "phone_numbers_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "phone_numbers_e164" CHECK ("e164" ~ '^\+[1-9][0-9]{1,14}$'),
	CONSTRAINT "phone_numbers_route_known" CHECK ("route" in ('gateway', 'registered', 'native'))
);
--> statement-breakpoint
ALTER TABLE "phone_numbers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "recordings" (
	"organization_id" uuid,
	"id" uuid,
	"call_id" uuid NOT NULL,
	"storage_key" text NOT NULL,
	"tape_key" text NOT NULL,
	"peaks_key" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"duration_ms" integer NOT NULL,
	"stored_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp(3) with time zone,
	CONSTRAINT "recordings_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "recordings_sha256" CHECK ("sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "recordings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "feature_flags" (
	"organization_id" uuid,
	"flag" text,
	"enabled" boolean NOT NULL,
	"changed_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "feature_flags_pkey" PRIMARY KEY("organization_id","flag")
);
--> statement-breakpoint
ALTER TABLE "feature_flags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "system_settings" (
	"id" uuid PRIMARY KEY,
	"key" text NOT NULL,
	"value" jsonb NOT NULL,
	"effective_from" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"actor_id" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "system_settings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "transcript_turns" (
	"organization_id" uuid,
	"id" uuid NOT NULL,
	"call_id" uuid,
	"at" timestamp(3) with time zone,
	"seq" integer,
	"speaker" text NOT NULL,
	"text" text NOT NULL,
	"heard" text NOT NULL,
	"heard_text" text,
	"start_ms" integer NOT NULL,
	"end_ms" integer NOT NULL,
	CONSTRAINT "transcript_turns_pkey" PRIMARY KEY("organization_id","call_id","seq","at"),
	CONSTRAINT "transcript_turns_time_order" CHECK ("end_ms" >= "start_ms" and "start_ms" >= 0)
) PARTITION BY RANGE ("at");
--> statement-breakpoint
ALTER TABLE "transcript_turns" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "holds" (
	"organization_id" uuid,
	"call_id" uuid,
	"state" text DEFAULT 'open' NOT NULL,
	"price_per_hour_cents" bigint NOT NULL,
	"price_id" uuid,
	"amount_cents" bigint NOT NULL,
	"captured_cents" bigint DEFAULT 0 NOT NULL,
	"funded_seconds" integer NOT NULL,
	"billed_seconds" integer,
	"slices" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp(3) with time zone,
	CONSTRAINT "holds_pkey" PRIMARY KEY("organization_id","call_id"),
	CONSTRAINT "holds_captured_within_held" CHECK ("captured_cents" between 0 and "amount_cents"),
	CONSTRAINT "holds_price_not_negative" CHECK ("price_per_hour_cents" >= 0),
	CONSTRAINT "holds_funded_not_negative" CHECK ("funded_seconds" >= 0),
	CONSTRAINT "holds_settled_has_moment" CHECK (("state" = 'settled') = ("settled_at" is not null)),
	CONSTRAINT "holds_billed_within_funded" CHECK (("state" = 'settled') = ("billed_seconds" is not null) and "billed_seconds" <= "funded_seconds"),
	CONSTRAINT "holds_state_known" CHECK ("state" in ('open', 'settled'))
);
--> statement-breakpoint
ALTER TABLE "holds" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"organization_id" uuid,
	"sequence" bigint,
	"id" uuid NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"from_account" text NOT NULL,
	"to_account" text NOT NULL,
	"amount_cents" bigint NOT NULL,
	"currency" text NOT NULL,
	"balance_after_cents" bigint NOT NULL,
	"held_after_cents" bigint NOT NULL,
	"business_key" text NOT NULL,
	"call_id" uuid,
	"actor_id" text,
	"explanation" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "ledger_entries_pkey" PRIMARY KEY("organization_id","sequence"),
	CONSTRAINT "ledger_entries_id" UNIQUE("organization_id","id"),
	CONSTRAINT "ledger_entries_once_per_business_key" UNIQUE("organization_id","business_key"),
	CONSTRAINT "ledger_entries_amount_positive" CHECK ("amount_cents" >= 0),
	CONSTRAINT "ledger_entries_two_sides" CHECK ("from_account" <> "to_account"),
	CONSTRAINT "ledger_entries_kind_known" CHECK ("kind" in ('top_up', 'adjustment', 'grant', 'hold', 'capture', 'release', 'refund', 'dispute')),
	CONSTRAINT "ledger_entries_accounts_known" CHECK ("from_account" in ('available', 'held', 'revenue', 'payments', 'adjustments', 'grants', 'deficit') and "to_account" in ('available', 'held', 'revenue', 'payments', 'adjustments', 'grants', 'deficit'))
);
--> statement-breakpoint
ALTER TABLE "ledger_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prices" (
	"id" uuid PRIMARY KEY,
	"price_per_hour_cents" bigint NOT NULL,
	"mock_price_percent" integer DEFAULT 0 NOT NULL,
	"currency" text DEFAULT 'usd' NOT NULL,
	"effective_from" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"actor_id" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prices_not_negative" CHECK ("price_per_hour_cents" >= 0),
	CONSTRAINT "prices_mock_percent" CHECK ("mock_price_percent" between 0 and 100)
);
--> statement-breakpoint
CREATE TABLE "wallets" (
	"organization_id" uuid PRIMARY KEY,
	"currency" text DEFAULT 'usd' NOT NULL,
	"balance_cents" bigint DEFAULT 0 NOT NULL,
	"held_cents" bigint DEFAULT 0 NOT NULL,
	"basis_cents" bigint DEFAULT 0 NOT NULL,
	"warned_percent" smallint DEFAULT 0 NOT NULL,
	"deficit_cents" bigint DEFAULT 0 NOT NULL,
	"entry_sequence" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "wallets_balance_not_negative" CHECK ("balance_cents" >= 0),
	CONSTRAINT "wallets_held_within_balance" CHECK ("held_cents" between 0 and "balance_cents"),
	CONSTRAINT "wallets_deficit_not_negative" CHECK ("deficit_cents" >= 0),
	CONSTRAINT "wallets_warned_percent_known" CHECK ("warned_percent" in (0, 80, 95, 100))
);
--> statement-breakpoint
ALTER TABLE "wallets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE UNIQUE INDEX "users_once_per_clerk_user" ON "users" ("clerk_user_id");--> statement-breakpoint
CREATE INDEX "call_events_of_call" ON "call_events" ("organization_id","call_id","at");--> statement-breakpoint
CREATE INDEX "call_leases_expiring" ON "call_leases" ("expires_at") WHERE closed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "calls_once_per_twilio_call" ON "calls" ("twilio_call_sid");--> statement-breakpoint
CREATE UNIQUE INDEX "calls_once_per_conversation" ON "calls" ("elevenlabs_conversation_id");--> statement-breakpoint
CREATE INDEX "calls_newest" ON "calls" ("organization_id","created_at","id");--> statement-breakpoint
CREATE INDEX "calls_of_user" ON "calls" ("organization_id","user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "calls_unsettled" ON "calls" ("created_at") WHERE settled_at is null;--> statement-breakpoint
CREATE INDEX "calls_to_number_running" ON "calls" ("organization_id","phone_number_id") WHERE settled_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "memberships_one_organization_per_user" ON "memberships" ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "memberships_user_in_organization" ON "memberships" ("organization_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "phone_numbers_one_owner" ON "phone_numbers" ("e164") WHERE released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "recordings_once_per_call" ON "recordings" ("organization_id","call_id");--> statement-breakpoint
CREATE INDEX "transcript_turns_of_call" ON "transcript_turns" ("organization_id","call_id","seq");--> statement-breakpoint
CREATE INDEX "holds_open" ON "holds" ("created_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "ledger_entries_of_call" ON "ledger_entries" ("organization_id","call_id");--> statement-breakpoint
CREATE INDEX "prices_effective" ON "prices" ("effective_from");--> statement-breakpoint
ALTER TABLE "platform_admins" ADD CONSTRAINT "platform_admins_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "platform_admins" ADD CONSTRAINT "platform_admins_granted_by_user_id_users_id_fkey" FOREIGN KEY ("granted_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "call_leases" ADD CONSTRAINT "call_leases_LaJzUp0EGhk3_fkey" FOREIGN KEY ("organization_id","call_id") REFERENCES "calls"("organization_id","id");--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_organization_id_agent_id_agents_organization_id_id_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_QpBmyaxEKRr4_fkey" FOREIGN KEY ("organization_id","phone_number_id") REFERENCES "phone_numbers"("organization_id","id");--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_64Ujfkgb4qJo_fkey" FOREIGN KEY ("organization_id","agent_id") REFERENCES "agents"("organization_id","id");--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_Ck5xYxxOTNuP_fkey" FOREIGN KEY ("organization_id","call_id") REFERENCES "calls"("organization_id","id");--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_organization_id_wallets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "wallets"("organization_id");--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_organization_id_wallets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "wallets"("organization_id");--> statement-breakpoint
ALTER TABLE "wallets" ADD CONSTRAINT "wallets_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
CREATE POLICY "platform_admins_platform" ON "platform_admins" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "users_platform" ON "users" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "agents_own_organization" ON "agents" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "agents_platform_reads" ON "agents" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "audit_entries_own_organization" ON "audit_entries" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "audit_entries_platform_reads" ON "audit_entries" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "audit_heads_own_organization" ON "audit_heads" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "audit_heads_platform_reads" ON "audit_heads" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "call_events_own_organization" ON "call_events" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "call_events_platform_reads" ON "call_events" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "call_leases_own_organization" ON "call_leases" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "call_leases_platform_reads" ON "call_leases" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "calls_own_organization" ON "calls" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "calls_platform_reads" ON "calls" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "webhook_deliveries_platform" ON "webhook_deliveries" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "memberships_own_organization" ON "memberships" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "memberships_platform_reads" ON "memberships" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "organizations_own" ON "organizations" AS PERMISSIVE FOR ALL TO public USING (id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "organizations_platform_reads" ON "organizations" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "phone_numbers_own_organization" ON "phone_numbers" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "phone_numbers_platform_reads" ON "phone_numbers" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "recordings_own_organization" ON "recordings" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "recordings_platform_reads" ON "recordings" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "feature_flags_own_organization" ON "feature_flags" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "feature_flags_platform_reads" ON "feature_flags" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "system_settings_app_reads" ON "system_settings" AS PERMISSIVE FOR SELECT TO "voxcalls_app" USING (true);--> statement-breakpoint
CREATE POLICY "system_settings_platform" ON "system_settings" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "transcript_turns_own_organization" ON "transcript_turns" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "transcript_turns_platform_reads" ON "transcript_turns" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "holds_own_organization" ON "holds" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "holds_platform_reads" ON "holds" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "ledger_entries_own_organization" ON "ledger_entries" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "ledger_entries_platform_reads" ON "ledger_entries" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "wallets_own_organization" ON "wallets" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "wallets_platform_reads" ON "wallets" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);