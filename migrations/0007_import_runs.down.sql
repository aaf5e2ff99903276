DROP INDEX "users_import_run_idx";--> statement-breakpoint
DROP INDEX "users_imported_pending_key";--> statement-breakpoint
DROP INDEX "users_external_key";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "import_run_id";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "external_source";--> statement-breakpoint
CREATE UNIQUE INDEX "users_external_id_key" ON "users" USING btree ("external_id") WHERE external_id IS NOT NULL;--> statement-breakpoint
DROP TABLE "import_rejects";--> statement-breakpoint
DROP TABLE "import_runs";
