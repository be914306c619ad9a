CREATE TABLE "call_slots" (
	"slot" integer PRIMARY KEY,
	"call_id" uuid,
	"taken_at" timestamp(3) with time zone,
	CONSTRAINT "call_slots_taken_has_moment" CHECK (("call_id" is null) = ("taken_at" is null))
);
--> statement-breakpoint
CREATE INDEX "audit_entries_by_actor" ON "audit_entries" ("organization_id","actor_id","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "call_slots_one_per_call" ON "call_slots" ("call_id") WHERE call_id is not null;--> statement-breakpoint
CREATE INDEX "call_slots_free" ON "call_slots" ("slot") WHERE call_id is null;--> statement-breakpoint
CREATE INDEX "call_slots_taken" ON "call_slots" ("slot") WHERE call_id is not null;