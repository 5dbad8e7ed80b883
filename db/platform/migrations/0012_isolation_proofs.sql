CREATE TABLE "isolation_proofs" (
	"organization_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"public_id" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"requested_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"probes_planned" integer,
	"probes_made" integer DEFAULT 0 NOT NULL,
	"leaks" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"signed_report" text,
	CONSTRAINT "isolation_proofs_pk" PRIMARY KEY("organization_id","id"),
	CONSTRAINT "isolation_proofs_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "isolation_proofs_state_check" CHECK ("isolation_proofs"."state" in ('queued', 'running', 'finished', 'failed')),
	CONSTRAINT "isolation_proofs_report_check" CHECK (("isolation_proofs"."state" = 'finished') = ("isolation_proofs"."signed_report" is not null))
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" jsonb NOT NULL,
	"sealed_private_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "throw_away" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "throw_away" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "isolation_proofs" ADD CONSTRAINT "isolation_proofs_organization_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "isolation_proofs_open_key" ON "isolation_proofs" USING btree ("organization_id") WHERE state in ('queued', 'running');