DROP TRIGGER "users_forget_person" ON "users";--> statement-breakpoint
DROP FUNCTION forget_person();--> statement-breakpoint
ALTER TABLE "email_outbox" DROP CONSTRAINT "email_outbox_addressee";--> statement-breakpoint
DELETE FROM "email_outbox" WHERE user_id IS NULL AND kind NOT IN ('account_deleted', 'change_email');--> statement-breakpoint
ALTER TABLE "email_outbox" ADD CONSTRAINT "email_outbox_addressee"
	CHECK (user_id IS NOT NULL OR kind IN ('account_deleted', 'change_email'));--> statement-breakpoint
ALTER TABLE "email_outbox" DROP CONSTRAINT "email_outbox_user_id_users_id_fk";--> statement-breakpoint
ALTER TABLE "email_outbox" ADD CONSTRAINT "email_outbox_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
DROP INDEX "users_external_id_key";--> statement-breakpoint
DROP INDEX "users_deletion_due_at_idx";--> statement-breakpoint
DROP INDEX "password_reset_tokens_user_id_idx";--> statement-breakpoint
DROP INDEX "password_reset_tokens_recipient_key_idx";--> statement-breakpoint
DELETE FROM "password_reset_tokens";--> statement-breakpoint
ALTER TABLE "password_reset_tokens" DROP COLUMN "recipient_key", DROP COLUMN "client", DROP COLUMN "used_at", DROP COLUMN "password_changed_at";--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ALTER COLUMN "user_id" SET NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "password_reset_tokens_user_id_key" ON "password_reset_tokens" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "user_sessions" DROP COLUMN "exchanged_generation", DROP COLUMN "device_id", DROP COLUMN "used_before_at",
	DROP COLUMN "refreshes", DROP COLUMN "refresh_window_ends_at", DROP COLUMN "amr", DROP COLUMN "password_changed_at";--> statement-breakpoint
ALTER TABLE "verification_tokens" DROP COLUMN "link_tries";--> statement-breakpoint
-- Without a password the account stays closed until a reset: this opens for nobody.
UPDATE "users" SET password_hash = '' WHERE password_hash IS NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "password_hash" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "mfa_epoch", DROP COLUMN "external_id", DROP COLUMN "disabled_at", DROP COLUMN "deletion_due_at";--> statement-breakpoint
DROP TABLE "email_change_undos";
