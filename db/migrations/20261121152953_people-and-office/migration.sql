CREATE TABLE "api_keys" (
	"organization_id" uuid,
	"id" uuid,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"last_four" text NOT NULL,
	"permissions" text[] NOT NULL,
	"created_by_user_id" uuid,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone,
	"last_used_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "api_keys_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "api_keys_name_not_blank" CHECK (length(btrim("name")) between 1 and 80),
	CONSTRAINT "api_keys_permit_something" CHECK (cardinality("permissions") > 0)
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "platform_audit_entries" (
	"sequence" bigint PRIMARY KEY,
	"id" uuid NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "platform_audit_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "platform_audit_head" (
	"id" smallint PRIMARY KEY DEFAULT 1,
	"sequence" bigint DEFAULT 0 NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "platform_audit_head_one_row" CHECK ("id" = 1)
);
--> statement-breakpoint
ALTER TABLE "platform_audit_head" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"organization_id" uuid,
	"actor_id" text,
	"operation" text,
	"key" text,
	"request_hash" text NOT NULL,
	"status" integer NOT NULL,
	"answer" jsonb,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("organization_id","actor_id","operation","key")
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_rejections" (
	"id" uuid PRIMARY KEY,
	"vendor" text NOT NULL,
	"reason" text NOT NULL,
	"body_bytes" bigint NOT NULL,
	"at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "webhook_rejections" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "invitations" (
	"organization_id" uuid,
	"id" uuid,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"token_hash" text NOT NULL,
	"sends" integer DEFAULT 1 NOT NULL,
	"invited_by_user_id" uuid,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp(3) with time zone,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"decided_at" timestamp(3) with time zone,
	"accepted_by_user_id" uuid,
	CONSTRAINT "invitations_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "invitations_email_lower_case" CHECK ("email" = lower("email")),
	CONSTRAINT "invitations_role_known" CHECK ("role" in ('admin', 'org_manager', 'sales_person')),
	CONSTRAINT "invitations_state_known" CHECK ("state" in ('pending', 'accepted', 'revoked')),
	CONSTRAINT "invitations_decided_has_moment" CHECK (("state" = 'pending') = ("decided_at" is null))
);
--> statement-breakpoint
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"organization_id" uuid,
	"id" uuid,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"secret" text NOT NULL,
	"secret_last_four" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"disabled_reason" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp(3) with time zone,
	CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "webhook_endpoints_state_known" CHECK ("state" in ('active', 'disabled'))
);
--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_messages" (
	"organization_id" uuid,
	"id" uuid,
	"endpoint_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"event" text NOT NULL,
	"payload" jsonb NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_status" integer,
	"last_error" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"attempted_at" timestamp(3) with time zone,
	"next_attempt_at" timestamp(3) with time zone,
	"delivered_at" timestamp(3) with time zone,
	CONSTRAINT "webhook_messages_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "webhook_messages_once_per_event" UNIQUE("organization_id","endpoint_id","event_id"),
	CONSTRAINT "webhook_messages_state_known" CHECK ("state" in ('waiting', 'delivered', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "webhook_messages" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rate_windows" (
	"key" text,
	"window_start" timestamp(3) with time zone,
	"used" integer NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "rate_windows_pkey" PRIMARY KEY("key","window_start")
);
--> statement-breakpoint
CREATE TABLE "data_keys" (
	"organization_id" uuid,
	"id" uuid,
	"wrapped" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"rewrapped_at" timestamp(3) with time zone,
	CONSTRAINT "data_keys_pkey" PRIMARY KEY("organization_id","id")
);
--> statement-breakpoint
ALTER TABLE "data_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_days" (
	"organization_id" uuid,
	"day" date,
	"kind" text,
	"calls" integer NOT NULL,
	"billable_seconds" bigint NOT NULL,
	"charged_cents" bigint NOT NULL,
	"vendor_cost_micro_usd" bigint NOT NULL,
	"calls_without_vendor_cost" integer NOT NULL,
	"computed_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "usage_days_pkey" PRIMARY KEY("organization_id","day","kind"),
	CONSTRAINT "usage_days_kind_known" CHECK ("kind" in ('agent', 'live', 'mock', 'meeting'))
);
--> statement-breakpoint
ALTER TABLE "usage_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "organization_prices" (
	"organization_id" uuid,
	"id" uuid,
	"price_per_hour_cents" bigint,
	"mock_price_percent" integer,
	"effective_from" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"actor_id" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organization_prices_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "organization_prices_not_negative" CHECK ("price_per_hour_cents" >= 0),
	CONSTRAINT "organization_prices_mock_percent" CHECK ("mock_price_percent" between 0 and 100)
);
--> statement-breakpoint
ALTER TABLE "organization_prices" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "payment_settings" (
	"organization_id" uuid PRIMARY KEY,
	"stripe_customer_id" text,
	"stripe_payment_method_id" text,
	"card_brand" text,
	"card_last_four" text,
	"card_expires" text,
	"auto_enabled" boolean DEFAULT false NOT NULL,
	"auto_threshold_cents" bigint DEFAULT 1000 NOT NULL,
	"auto_amount_cents" bigint DEFAULT 5000 NOT NULL,
	"auto_monthly_cap_cents" bigint DEFAULT 50000 NOT NULL,
	"auto_failures" integer DEFAULT 0 NOT NULL,
	"auto_next_try_at" timestamp(3) with time zone,
	"auto_paused_reason" text,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payment_settings_amounts_positive" CHECK ("auto_threshold_cents" >= 0 and "auto_amount_cents" > 0 and "auto_monthly_cap_cents" >= 0)
);
--> statement-breakpoint
ALTER TABLE "payment_settings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "top_ups" (
	"organization_id" uuid,
	"id" uuid,
	"origin" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"amount_cents" bigint NOT NULL,
	"currency" text NOT NULL,
	"received_cents" bigint,
	"stripe_session_id" text,
	"stripe_payment_intent_id" text,
	"receipt_url" text,
	"failure_code" text,
	"created_by_user_id" uuid,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone,
	"decided_at" timestamp(3) with time zone,
	CONSTRAINT "top_ups_pkey" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "top_ups_amount_positive" CHECK ("amount_cents" > 0),
	CONSTRAINT "top_ups_state_known" CHECK ("state" in ('pending', 'paid', 'expired', 'canceled', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "top_ups" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "seen_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "allowed_countries" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "rep_sees_analysis_first" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "notification_emails" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "status_reason" text;--> statement-breakpoint
ALTER TABLE "feature_flags" ADD COLUMN "reason" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "feature_flags" ADD COLUMN "actor_id" text;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_one_per_id" ON "api_keys" ("id");--> statement-breakpoint
CREATE INDEX "api_keys_newest" ON "api_keys" ("organization_id","created_at","id");--> statement-breakpoint
CREATE INDEX "audit_entries_by_subject" ON "audit_entries" ("organization_id","subject","sequence");--> statement-breakpoint
CREATE INDEX "calls_settled" ON "calls" ("organization_id","settled_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_newest" ON "webhook_deliveries" ("received_at","delivery_id");--> statement-breakpoint
CREATE INDEX "webhook_rejections_newest" ON "webhook_rejections" ("at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_one_per_token" ON "invitations" ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_one_pending_per_address" ON "invitations" ("organization_id","email") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "invitations_newest" ON "invitations" ("organization_id","created_at","id");--> statement-breakpoint
CREATE INDEX "organizations_newest" ON "organizations" ("created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_messages_of_endpoint" ON "webhook_messages" ("organization_id","endpoint_id","created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_messages_due" ON "webhook_messages" ("next_attempt_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "usage_days_by_day" ON "usage_days" ("day");--> statement-breakpoint
CREATE INDEX "organization_prices_effective" ON "organization_prices" ("organization_id","effective_from");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_settings_one_per_customer" ON "payment_settings" ("stripe_customer_id");--> statement-breakpoint
CREATE UNIQUE INDEX "top_ups_once_per_session" ON "top_ups" ("stripe_session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "top_ups_once_per_payment_intent" ON "top_ups" ("stripe_payment_intent_id");--> statement-breakpoint
CREATE INDEX "top_ups_newest" ON "top_ups" ("organization_id","created_at","id");--> statement-breakpoint
CREATE INDEX "top_ups_pending" ON "top_ups" ("created_at") WHERE state = 'pending';--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_created_by_user_id_users_id_fkey" FOREIGN KEY ("created_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_user_id_users_id_fkey" FOREIGN KEY ("invited_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_accepted_by_user_id_users_id_fkey" FOREIGN KEY ("accepted_by_user_id") REFERENCES "users"("id");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "webhook_messages" ADD CONSTRAINT "webhook_messages_tFfc3J6vhHQh_fkey" FOREIGN KEY ("organization_id","endpoint_id") REFERENCES "webhook_endpoints"("organization_id","id");--> statement-breakpoint
ALTER TABLE "data_keys" ADD CONSTRAINT "data_keys_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "organization_prices" ADD CONSTRAINT "organization_prices_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "payment_settings" ADD CONSTRAINT "payment_settings_organization_id_wallets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "wallets"("organization_id");--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_organization_id_wallets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "wallets"("organization_id");--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_retention_bounded" CHECK ("recording_retention_days" between 1 and 3650 and "transcript_retention_days" between 1 and 3650);--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_concurrency_bounded" CHECK ("max_concurrent_calls" between 1 and 10000);--> statement-breakpoint
CREATE POLICY "api_keys_own_organization" ON "api_keys" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "api_keys_platform_reads" ON "api_keys" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "platform_audit_entries_platform" ON "platform_audit_entries" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "platform_audit_head_platform" ON "platform_audit_head" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "idempotency_keys_own_organization" ON "idempotency_keys" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "idempotency_keys_platform_reads" ON "idempotency_keys" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "webhook_rejections_platform" ON "webhook_rejections" AS PERMISSIVE FOR ALL TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "invitations_own_organization" ON "invitations" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "invitations_platform_reads" ON "invitations" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "webhook_endpoints_own_organization" ON "webhook_endpoints" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "webhook_endpoints_platform_reads" ON "webhook_endpoints" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "webhook_messages_own_organization" ON "webhook_messages" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "webhook_messages_platform_reads" ON "webhook_messages" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "data_keys_own_organization" ON "data_keys" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "data_keys_platform_reads" ON "data_keys" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "usage_days_own_organization" ON "usage_days" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "usage_days_platform_reads" ON "usage_days" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "organization_prices_own_organization" ON "organization_prices" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "organization_prices_platform_reads" ON "organization_prices" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "payment_settings_own_organization" ON "payment_settings" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "payment_settings_platform_reads" ON "payment_settings" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);--> statement-breakpoint
CREATE POLICY "top_ups_own_organization" ON "top_ups" AS PERMISSIVE FOR ALL TO public USING (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid));--> statement-breakpoint
CREATE POLICY "top_ups_platform_reads" ON "top_ups" AS PERMISSIVE FOR SELECT TO "voxcalls_platform" USING (true);