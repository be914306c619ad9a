ALTER TABLE "call_leases" ADD COLUMN "end_asked_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_test_without_carrier" CHECK ("kind" <> 'test' or "twilio_call_sid" is null);--> statement-breakpoint
ALTER TABLE "calls" DROP CONSTRAINT "calls_kind_known", ADD CONSTRAINT "calls_kind_known" CHECK ("kind" in ('agent', 'live', 'mock', 'meeting', 'test'));--> statement-breakpoint
ALTER TABLE "usage_days" DROP CONSTRAINT "usage_days_kind_known", ADD CONSTRAINT "usage_days_kind_known" CHECK ("kind" in ('agent', 'live', 'mock', 'meeting', 'test'));