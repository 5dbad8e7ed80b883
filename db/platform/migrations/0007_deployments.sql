CREATE TABLE "deployment_logs" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"deployment_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"position" integer NOT NULL,
	"lines" jsonb NOT NULL,
	"kept_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "deployment_logs_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "deployment_logs_position_key" UNIQUE("organization_id","deployment_id","kind","position"),
	CONSTRAINT "deployment_logs_kind_check" CHECK ("deployment_logs"."kind" in ('build', 'runtime'))
);
--> statement-breakpoint
CREATE TABLE "deployment_states" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"deployment_id" uuid NOT NULL,
	"status" text NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "deployment_states_pk" PRIMARY KEY("organization_id","id")
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"project_id" uuid NOT NULL,
	"service_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'PREPARING' NOT NULL,
	"reason" text,
	"source_kind" text NOT NULL,
	"source" text NOT NULL,
	"branch" text,
	"root_directory" text,
	"build_command" text,
	"start_command" text,
	"healthcheck_path" text,
	"commit_sha" text,
	"manifest_version" integer,
	"appwrite_key_row_id" uuid,
	"of_deployment_id" uuid,
	"railway_deployment_id" text,
	"can_redeploy" boolean DEFAULT false NOT NULL,
	"can_rollback" boolean DEFAULT false NOT NULL,
	"stopped" boolean DEFAULT false NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"logs_kept_at" timestamp with time zone,
	"logs_cut" boolean DEFAULT false NOT NULL,
	CONSTRAINT "deployments_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "deployments_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "deployments_railway_key" UNIQUE("organization_id","railway_deployment_id"),
	CONSTRAINT "deployments_number_key" UNIQUE("organization_id","service_id","number"),
	CONSTRAINT "deployments_source_kind_check" CHECK ("deployments"."source_kind" in ('repository', 'image')),
	CONSTRAINT "deployments_kind_check" CHECK ("deployments"."kind" in ('deploy', 'redeploy', 'rollback')),
	CONSTRAINT "deployments_status_check" CHECK ("deployments"."status" in ('PREPARING', 'BUILDING', 'CRASHED', 'DEPLOYING', 'FAILED', 'INITIALIZING', 'NEEDS_APPROVAL', 'QUEUED', 'REMOVED', 'REMOVING', 'SKIPPED', 'SLEEPING', 'SUCCESS', 'WAITING'))
);
--> statement-breakpoint
CREATE TABLE "railway_connections" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"account_name" text NOT NULL,
	"workspace_id" text NOT NULL,
	"workspace_name" text NOT NULL,
	"sealed_token" text NOT NULL,
	"connected_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"refused_since" timestamp with time zone,
	CONSTRAINT "railway_connections_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "railway_connections_key" UNIQUE("organization_id","workspace_id")
);
--> statement-breakpoint
CREATE TABLE "railway_projects" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"project_id" uuid NOT NULL,
	"workspace_id" text NOT NULL,
	"name" text NOT NULL,
	"railway_project_id" text,
	"hook_hash" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "railway_projects_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "railway_projects_hook_hash_unique" UNIQUE("hook_hash"),
	CONSTRAINT "railway_projects_project_key" UNIQUE("organization_id","project_id")
);
--> statement-breakpoint
CREATE TABLE "services" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"project_id" uuid NOT NULL,
	"environment_id" uuid,
	"environment" text NOT NULL,
	"source_kind" text NOT NULL,
	"source" text NOT NULL,
	"branch" text,
	"root_directory" text,
	"build_command" text,
	"start_command" text,
	"healthcheck_path" text,
	"railway_name" text NOT NULL,
	"railway_environment_id" text,
	"railway_service_id" text,
	"connected_source" text,
	"url" text,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "services_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "services_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "services_environment_check" CHECK ("services"."environment" in ('production', 'staging', 'preview')),
	CONSTRAINT "services_home_check" CHECK ("services"."environment_id" is not null or "services"."removed_at" is not null),
	CONSTRAINT "services_source_kind_check" CHECK ("services"."source_kind" in ('repository', 'image')),
	CONSTRAINT "services_branch_check" CHECK (("services"."branch" is not null) = ("services"."source_kind" = 'repository'))
);
--> statement-breakpoint
DROP INDEX "sagas_open_key";--> statement-breakpoint
ALTER TABLE "sagas" ADD COLUMN "service_id" uuid;--> statement-breakpoint
ALTER TABLE "deployment_logs" ADD CONSTRAINT "deployment_logs_deployment_fk" FOREIGN KEY ("organization_id","deployment_id") REFERENCES "public"."deployments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_states" ADD CONSTRAINT "deployment_states_deployment_fk" FOREIGN KEY ("organization_id","deployment_id") REFERENCES "public"."deployments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_service_fk" FOREIGN KEY ("organization_id","service_id") REFERENCES "public"."services"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_appwrite_key_fk" FOREIGN KEY ("organization_id","appwrite_key_row_id") REFERENCES "public"."appwrite_keys"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_of_deployment_fk" FOREIGN KEY ("organization_id","of_deployment_id") REFERENCES "public"."deployments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "railway_connections" ADD CONSTRAINT "railway_connections_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "railway_projects" ADD CONSTRAINT "railway_projects_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_environment_fk" FOREIGN KEY ("organization_id","environment_id") REFERENCES "public"."environments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deployment_states_idx" ON "deployment_states" USING btree ("organization_id","deployment_id","id");--> statement-breakpoint
CREATE INDEX "deployments_project_idx" ON "deployments" USING btree ("organization_id","project_id","id");--> statement-breakpoint
CREATE INDEX "deployments_key_idx" ON "deployments" USING btree ("organization_id","appwrite_key_row_id");--> statement-breakpoint
CREATE INDEX "deployments_created_idx" ON "deployments" USING btree ("organization_id","created_at");--> statement-breakpoint
CREATE INDEX "deployments_seen_idx" ON "deployments" USING btree ("seen_at") WHERE railway_deployment_id is not null and status not in ('PREPARING', 'REMOVED', 'SKIPPED');--> statement-breakpoint
CREATE INDEX "services_project_idx" ON "services" USING btree ("organization_id","project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "services_environment_key" ON "services" USING btree ("organization_id","environment_id") WHERE removed_at is null;--> statement-breakpoint
ALTER TABLE "sagas" ADD CONSTRAINT "sagas_service_fk" FOREIGN KEY ("organization_id","service_id") REFERENCES "public"."services"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sagas_service_idx" ON "sagas" USING btree ("organization_id","service_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sagas_open_service_key" ON "sagas" USING btree ("organization_id","service_id") WHERE state in ('running', 'undoing');--> statement-breakpoint
CREATE UNIQUE INDEX "sagas_open_key" ON "sagas" USING btree ("organization_id","project_id") WHERE state in ('running', 'undoing') and service_id is null;