CREATE TABLE "api_keys" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"project_id" uuid,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"last_four" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	CONSTRAINT "api_keys_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "api_keys_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"invited_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"accepted_by" uuid,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	CONSTRAINT "invitations_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "invitations_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "invitations_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "invitations_role_check" CHECK ("invitations"."role" in ('owner', 'admin', 'developer', 'viewer', 'billing'))
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"invited_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "memberships_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "memberships_user_key" UNIQUE("organization_id","user_id"),
	CONSTRAINT "memberships_role_check" CHECK ("memberships"."role" in ('owner', 'admin', 'developer', 'viewer', 'billing'))
);
--> statement-breakpoint
CREATE TABLE "one_time_tokens" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"consumed_at" timestamp with time zone,
	CONSTRAINT "one_time_tokens_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "one_time_tokens_purpose_check" CHECK ("one_time_tokens"."purpose" in ('verify_email', 'reset_password'))
);
--> statement-breakpoint
CREATE TABLE "organization_keys" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"version" integer NOT NULL,
	"sealed_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "organization_keys_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "organization_keys_version_key" UNIQUE("organization_id","version")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"subdomain" text,
	"status" text DEFAULT 'active' NOT NULL,
	"subscription_tier" text DEFAULT 'free' NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizations_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "organizations_slug_unique" UNIQUE("slug"),
	CONSTRAINT "organizations_subdomain_unique" UNIQUE("subdomain"),
	CONSTRAINT "organizations_status_check" CHECK ("organizations"."status" in ('active', 'suspended'))
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"key" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"limits" jsonb NOT NULL,
	"position" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"plan_key" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "subscriptions_pk" PRIMARY KEY("organization_id","id")
);
--> statement-breakpoint
CREATE TABLE "user_credentials" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"password_hash" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_sessions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"idle_expires_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"stepped_up_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"ip" text,
	"user_agent" text,
	CONSTRAINT "user_sessions_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "user_sessions_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"email" text NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"avatar_url" text,
	"email_verified_at" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_public_id_unique" UNIQUE("public_id")
);
--> statement-breakpoint
CREATE TABLE "appwrite_instances" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"endpoint" text NOT NULL,
	"public_endpoint" text NOT NULL,
	"isolation" text DEFAULT 'namespace' NOT NULL,
	"capacity" integer DEFAULT 64 NOT NULL,
	"placed" integer DEFAULT 0 NOT NULL,
	"draining_since" timestamp with time zone,
	"sealed_session" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "appwrite_instances_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "appwrite_instances_endpoint_unique" UNIQUE("endpoint"),
	CONSTRAINT "appwrite_instances_isolation_check" CHECK ("appwrite_instances"."isolation" in ('namespace', 'shared')),
	CONSTRAINT "appwrite_instances_placed_check" CHECK ("appwrite_instances"."placed" >= 0)
);
--> statement-breakpoint
CREATE TABLE "appwrite_keys" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"project_id" uuid NOT NULL,
	"appwrite_project_row_id" uuid NOT NULL,
	"appwrite_key_id" text NOT NULL,
	"name" text NOT NULL,
	"purpose" text NOT NULL,
	"scopes" text[] NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"sealed_secret" text,
	"last_four" text,
	"expires_at" timestamp with time zone,
	"retire_at" timestamp with time zone,
	"replaced_by" uuid,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	CONSTRAINT "appwrite_keys_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "appwrite_keys_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "appwrite_keys_appwrite_key_id_unique" UNIQUE("appwrite_key_id"),
	CONSTRAINT "appwrite_keys_purpose_check" CHECK ("appwrite_keys"."purpose" in ('env', 'user')),
	CONSTRAINT "appwrite_keys_state_check" CHECK ("appwrite_keys"."state" in ('requested', 'live', 'revoking', 'revoked', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "appwrite_projects" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"project_id" uuid NOT NULL,
	"platform_database_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"appwrite_project_id" text NOT NULL,
	"state" text DEFAULT 'chosen' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"live_at" timestamp with time zone,
	"abandoned_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "appwrite_projects_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "appwrite_projects_appwrite_project_id_unique" UNIQUE("appwrite_project_id"),
	CONSTRAINT "appwrite_projects_attempt_key" UNIQUE("organization_id","project_id","attempt"),
	CONSTRAINT "appwrite_projects_state_check" CHECK ("appwrite_projects"."state" in ('chosen', 'live', 'abandoned', 'deleted'))
);
--> statement-breakpoint
CREATE TABLE "appwrite_teams" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"instance_id" uuid NOT NULL,
	"team_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"confirmed_at" timestamp with time zone,
	CONSTRAINT "appwrite_teams_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "appwrite_teams_team_id_unique" UNIQUE("team_id"),
	CONSTRAINT "appwrite_teams_instance_key" UNIQUE("organization_id","instance_id")
);
--> statement-breakpoint
CREATE TABLE "platform_databases" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_databases_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "platform_databases_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "platform_databases_project_key" UNIQUE("organization_id","project_id"),
	CONSTRAINT "platform_databases_kind_check" CHECK ("platform_databases"."kind" in ('appwrite', 'postgres', 'external'))
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"name" text NOT NULL,
	"framework" text NOT NULL,
	"hostname" text,
	"status" text DEFAULT 'requested' NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ready_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"deleted_by" uuid,
	"restorable_until" timestamp with time zone,
	"purged_at" timestamp with time zone,
	CONSTRAINT "projects_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "projects_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "projects_status_check" CHECK ("projects"."status" in ('requested', 'provisioning', 'ready', 'stuck', 'failed', 'deleting', 'deleted', 'restoring', 'purging', 'purged')),
	CONSTRAINT "projects_name_check" CHECK (length("projects"."name") between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "saga_events" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"saga_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"step_key" text,
	"kind" text NOT NULL,
	"attempt" integer NOT NULL,
	"detail" text,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "saga_events_pk" PRIMARY KEY("organization_id","id")
);
--> statement-breakpoint
CREATE TABLE "saga_steps" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"saga_id" uuid NOT NULL,
	"key" text NOT NULL,
	"position" integer NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"undo_attempt" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"next_attempt_at" timestamp with time zone,
	"reason" text,
	"output" jsonb,
	CONSTRAINT "saga_steps_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "saga_steps_key" UNIQUE("organization_id","saga_id","key"),
	CONSTRAINT "saga_steps_state_check" CHECK ("saga_steps"."state" in ('waiting', 'running', 'retrying', 'done', 'skipped', 'failed', 'undoing', 'undone'))
);
--> statement-breakpoint
CREATE TABLE "sagas" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"kind" text NOT NULL,
	"project_id" uuid NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"input" jsonb NOT NULL,
	"lease_token" bigint DEFAULT 0 NOT NULL,
	"leased_until" timestamp with time zone,
	"deadline_at" timestamp with time zone NOT NULL,
	"requested_by" jsonb NOT NULL,
	"error" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "sagas_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "sagas_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "sagas_state_check" CHECK ("sagas"."state" in ('running', 'undoing', 'done', 'undone', 'stuck'))
);
--> statement-breakpoint
CREATE TABLE "audit_logs" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"organization_id" uuid,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_user_id" uuid,
	"actor_id" text,
	"actor_name" text NOT NULL,
	"action" text NOT NULL,
	"target_kind" text NOT NULL,
	"target_id" text,
	"target_name" text,
	"outcome" text NOT NULL,
	"reason" text,
	"ip" text,
	"user_agent" text,
	"request_id" text NOT NULL,
	"changes" jsonb,
	CONSTRAINT "audit_logs_outcome_check" CHECK ("audit_logs"."outcome" in ('allowed', 'denied'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"owner_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response_status" integer,
	"sealed_response" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pk" PRIMARY KEY("owner_id","key")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organization_keys" ADD CONSTRAINT "organization_keys_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_plan_key_plans_key_fk" FOREIGN KEY ("plan_key") REFERENCES "public"."plans"("key") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_credentials" ADD CONSTRAINT "user_credentials_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD CONSTRAINT "user_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_keys" ADD CONSTRAINT "appwrite_keys_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_keys" ADD CONSTRAINT "appwrite_keys_appwrite_project_fk" FOREIGN KEY ("organization_id","appwrite_project_row_id") REFERENCES "public"."appwrite_projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_projects" ADD CONSTRAINT "appwrite_projects_instance_id_appwrite_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."appwrite_instances"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_projects" ADD CONSTRAINT "appwrite_projects_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_projects" ADD CONSTRAINT "appwrite_projects_platform_database_fk" FOREIGN KEY ("organization_id","platform_database_id") REFERENCES "public"."platform_databases"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_teams" ADD CONSTRAINT "appwrite_teams_instance_id_appwrite_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."appwrite_instances"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "platform_databases" ADD CONSTRAINT "platform_databases_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saga_events" ADD CONSTRAINT "saga_events_saga_fk" FOREIGN KEY ("organization_id","saga_id") REFERENCES "public"."sagas"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saga_steps" ADD CONSTRAINT "saga_steps_saga_fk" FOREIGN KEY ("organization_id","saga_id") REFERENCES "public"."sagas"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sagas" ADD CONSTRAINT "sagas_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_created_idx" ON "api_keys" USING btree ("organization_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_open_key" ON "invitations" USING btree ("organization_id",lower("email")) WHERE accepted_at is null and revoked_at is null;--> statement-breakpoint
CREATE INDEX "memberships_user_idx" ON "memberships" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "one_time_tokens_user_idx" ON "one_time_tokens" USING btree ("user_id","purpose");--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_open_key" ON "subscriptions" USING btree ("organization_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "user_sessions_user_idx" ON "user_sessions" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "appwrite_keys_project_idx" ON "appwrite_keys" USING btree ("organization_id","project_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "appwrite_projects_current_key" ON "appwrite_projects" USING btree ("organization_id","project_id") WHERE state in ('chosen', 'live');--> statement-breakpoint
CREATE INDEX "saga_events_saga_idx" ON "saga_events" USING btree ("organization_id","saga_id","id");--> statement-breakpoint
CREATE INDEX "sagas_project_idx" ON "sagas" USING btree ("organization_id","project_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sagas_open_key" ON "sagas" USING btree ("organization_id","project_id") WHERE state in ('running', 'undoing');--> statement-breakpoint
CREATE INDEX "audit_logs_organization_idx" ON "audit_logs" USING btree ("organization_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_logs_target_idx" ON "audit_logs" USING btree ("organization_id","target_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_logs_account_idx" ON "audit_logs" USING btree ("actor_user_id","id" DESC NULLS LAST) WHERE organization_id is null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry_idx" ON "idempotency_keys" USING btree ("expires_at");