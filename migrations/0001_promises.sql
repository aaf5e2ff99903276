CREATE TABLE "email_change_undos" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"mail_id" uuid NOT NULL,
	"email" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "email_outbox" DROP CONSTRAINT "email_outbox_addressee";--> statement-breakpoint
ALTER TABLE "email_outbox" DROP CONSTRAINT "email_outbox_user_id_users_id_fk";
--> statement-breakpoint
DELETE FROM "password_reset_tokens";--> statement-breakpoint
UPDATE "email_outbox" o SET recipient = u.email FROM "users" u WHERE u.id = o.user_id AND o.recipient IS NULL;--> statement-breakpoint
UPDATE "email_outbox" SET status = 'skipped', failure = 'no recipient', finished_at = COALESCE(finished_at, now())
	WHERE recipient IS NULL AND status NOT IN ('sent', 'skipped');--> statement-breakpoint
DROP INDEX "password_reset_tokens_user_id_key";--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ADD COLUMN "recipient_key" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ADD COLUMN "client" text;--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ADD COLUMN "used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "password_reset_tokens" ADD COLUMN "password_changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "exchanged_generation" integer;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "device_id" uuid;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "used_before_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "refreshes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "refresh_window_ends_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "amr" text[] DEFAULT '{pwd}' NOT NULL;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "password_changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "mfa_epoch" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "disabled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deletion_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "verification_tokens" ADD COLUMN "link_tries" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "email_change_undos" ADD CONSTRAINT "email_change_undos_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "email_change_undos_user_id_idx" ON "email_change_undos" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "email_change_undos_mail_id_idx" ON "email_change_undos" USING btree ("mail_id");--> statement-breakpoint
CREATE INDEX "email_change_undos_email_idx" ON "email_change_undos" USING btree ("email");--> statement-breakpoint
CREATE INDEX "email_change_undos_expires_at_idx" ON "email_change_undos" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "email_outbox" ADD CONSTRAINT "email_outbox_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "password_reset_tokens_user_id_idx" ON "password_reset_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "password_reset_tokens_recipient_key_idx" ON "password_reset_tokens" USING btree ("recipient_key","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_external_id_key" ON "users" USING btree ("external_id") WHERE external_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_deletion_due_at_idx" ON "users" USING btree ("deletion_due_at") WHERE deletion_due_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE "email_outbox" ADD CONSTRAINT "email_outbox_addressee" CHECK (recipient IS NOT NULL OR status IN ('sent', 'skipped'));--> statement-breakpoint
-- What a deleted person leaves behind says no more whose it was. As a trigger of the owner it needs no right of the role
-- that deletes: no Worker can rewrite the history of anybody who is still there. Mail that is still owed goes to the
-- address it was written for; of mail that is finished only what a mail budget counts stays, without an address.
CREATE FUNCTION forget_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	UPDATE public.security_events SET user_id = NULL, session_id = NULL, client = NULL, user_agent = NULL, request_id = NULL
		WHERE user_id = OLD.id;
	DELETE FROM public.email_outbox
		WHERE user_id = OLD.id AND status IN ('sent', 'skipped', 'failed') AND recipient_key IS NULL;
	UPDATE public.email_outbox SET recipient = NULL, status = CASE WHEN status = 'sent' THEN 'sent' ELSE 'skipped' END
		WHERE user_id = OLD.id AND status IN ('sent', 'skipped', 'failed');
	RETURN OLD;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION forget_person() FROM PUBLIC;--> statement-breakpoint
CREATE TRIGGER users_forget_person BEFORE DELETE ON "users" FOR EACH ROW EXECUTE FUNCTION forget_person();
