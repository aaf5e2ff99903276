ALTER TABLE "passkeys" ADD COLUMN "rp_id" text NOT NULL;--> statement-breakpoint
CREATE INDEX "passkeys_rp_id_idx" ON "passkeys" USING btree ("rp_id");