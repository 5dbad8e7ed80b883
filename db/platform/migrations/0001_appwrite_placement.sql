CREATE TABLE "appwrite_strays" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"instance_id" uuid NOT NULL,
	"appwrite_project_id" text NOT NULL,
	"team_id" text NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"cleared_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "appwrite_strays_project_key" UNIQUE("instance_id","appwrite_project_id")
);
--> statement-breakpoint
ALTER TABLE "appwrite_projects" ALTER COLUMN "instance_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "appwrite_projects" ADD COLUMN "unhealthy_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "appwrite_strays" ADD CONSTRAINT "appwrite_strays_instance_id_appwrite_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."appwrite_instances"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appwrite_projects" ADD CONSTRAINT "appwrite_projects_placed_check" CHECK ("appwrite_projects"."state" <> 'live' or "appwrite_projects"."instance_id" is not null);