CREATE TABLE "import_rejects" (
	"run_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"external_id" text,
	"reason" text NOT NULL,
	CONSTRAINT "import_rejects_run_id_row_pk" PRIMARY KEY("run_id","row")
);
--> statement-breakpoint
CREATE TABLE "import_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"file" text NOT NULL,
	"rows_done" integer DEFAULT 0 NOT NULL,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"undone_at" timestamp with time zone
);
--> statement-breakpoint
DROP INDEX "users_external_id_key";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "external_source" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "import_run_id" uuid;--> statement-breakpoint
ALTER TABLE "import_rejects" ADD CONSTRAINT "import_rejects_run_id_import_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."import_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_import_run_id_import_runs_id_fk" FOREIGN KEY ("import_run_id") REFERENCES "public"."import_runs"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "users_external_key" ON "users" USING btree ("external_id","external_source") WHERE external_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "users_imported_pending_key" ON "users" USING btree ("email") WHERE email_verified_at IS NULL AND external_source IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_import_run_idx" ON "users" USING btree ("import_run_id","id") WHERE import_run_id IS NOT NULL;