ALTER TABLE "recordings" ADD COLUMN "lost_records" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "recordings" ADD COLUMN "is_torn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_lost_records_not_negative" CHECK ("lost_records" >= 0);