ALTER TABLE "email_change_undos" ADD COLUMN "mail_id" uuid NOT NULL;--> statement-breakpoint
CREATE INDEX "email_change_undos_mail_id_idx" ON "email_change_undos" USING btree ("mail_id");