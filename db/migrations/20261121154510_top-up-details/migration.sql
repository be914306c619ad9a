ALTER TABLE "top_ups" ADD COLUMN "save_card" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "top_ups" ADD COLUMN "checkout_url" text;--> statement-breakpoint
ALTER TABLE "top_ups" ADD COLUMN "stripe_payment_method_id" text;--> statement-breakpoint
CREATE UNIQUE INDEX "top_ups_one_automatic_at_a_time" ON "top_ups" ("organization_id") WHERE state = 'pending' and origin = 'auto_recharge';--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_paid_means_received" CHECK (("state" = 'paid') = ("received_cents" is not null) and ("state" <> 'paid' or "stripe_payment_intent_id" is not null));--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_decided_has_moment" CHECK (("state" = 'pending') = ("decided_at" is null));