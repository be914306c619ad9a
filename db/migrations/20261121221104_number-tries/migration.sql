ALTER TABLE "phone_numbers" ADD COLUMN "tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD COLUMN "next_try_at" timestamp(3) with time zone;