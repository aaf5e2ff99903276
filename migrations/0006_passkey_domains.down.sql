DROP INDEX "passkeys_rp_id_idx";--> statement-breakpoint
ALTER TABLE "passkeys" DROP COLUMN "rp_id";
