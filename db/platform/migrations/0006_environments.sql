CREATE TABLE "environment_variables" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"environment_id" uuid NOT NULL,
	"name" text NOT NULL,
	"value" text,
	"sealed_value" text,
	"updated_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "environment_variables_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "environment_variables_name_key" UNIQUE("organization_id","environment_id","name"),
	CONSTRAINT "environment_variables_value_check" CHECK (("environment_variables"."value" is null) <> ("environment_variables"."sealed_value" is null))
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"manifest_version" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "environments_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "environments_name_key" UNIQUE("organization_id","project_id","name"),
	CONSTRAINT "environments_name_check" CHECK ("environments"."name" in ('production', 'staging', 'preview'))
);
--> statement-breakpoint
ALTER TABLE "appwrite_keys" ADD COLUMN "environment_id" uuid;--> statement-breakpoint
ALTER TABLE "environment_variables" ADD CONSTRAINT "environment_variables_environment_fk" FOREIGN KEY ("organization_id","environment_id") REFERENCES "public"."environments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_project_fk" FOREIGN KEY ("organization_id","project_id") REFERENCES "public"."projects"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_keys" ADD CONSTRAINT "appwrite_keys_environment_fk" FOREIGN KEY ("organization_id","environment_id") REFERENCES "public"."environments"("organization_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_keys" ADD CONSTRAINT "appwrite_keys_environment_check" CHECK ("appwrite_keys"."environment_id" is null or "appwrite_keys"."purpose" = 'env');