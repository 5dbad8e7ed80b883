ALTER TABLE "deployments" DROP CONSTRAINT "deployments_kind_check";--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "cancel_requested_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_kind_check" CHECK ("deployments"."kind" in ('deploy', 'redeploy', 'rollback', 'external'));