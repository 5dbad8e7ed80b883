ALTER TABLE "one_time_tokens" ADD COLUMN "registration" jsonb;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD COLUMN "browser_hash" "bytea";