ALTER TABLE "users" ADD COLUMN "clerk_updated_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "undeliverable_at" timestamp(3) with time zone;--> statement-breakpoint
CREATE INDEX "invitations_pending_by_address" ON "invitations" ("email") WHERE state = 'pending';