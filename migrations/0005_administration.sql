CREATE TABLE "admin_acts" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"operator" text NOT NULL,
	"door" text NOT NULL,
	"reason" text
);
--> statement-breakpoint
ALTER TABLE "failed_login_attempts" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "disabled_by" text;--> statement-breakpoint
ALTER TABLE "admin_acts" ADD CONSTRAINT "admin_acts_event_id_security_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."security_events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "failed_login_attempts_user_id_idx" ON "failed_login_attempts" USING btree ("user_id");--> statement-breakpoint
-- On a large table run it by hand first, as CREATE INDEX CONCURRENTLY with the same words (docs/operations.md, Migrations).
CREATE INDEX IF NOT EXISTS "users_email_prefix_idx" ON "users" USING btree ("email" text_pattern_ops);;--> statement-breakpoint
-- What operators wrote about a person goes with the person; that one of them acted stays.
CREATE OR REPLACE FUNCTION forget_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	UPDATE public.admin_acts SET reason = NULL
		FROM public.security_events e WHERE e.id = event_id AND e.user_id = OLD.id;
	UPDATE public.security_events SET user_id = NULL, session_id = NULL, client = NULL, user_agent = NULL, request_id = NULL
		WHERE user_id = OLD.id;
	DELETE FROM public.email_outbox
		WHERE user_id = OLD.id AND status IN ('sent', 'skipped', 'failed') AND recipient_key IS NULL;
	UPDATE public.email_outbox SET recipient = NULL, status = CASE WHEN status = 'sent' THEN 'sent' ELSE 'skipped' END
		WHERE user_id = OLD.id AND status IN ('sent', 'skipped', 'failed');
	RETURN OLD;
END
$$;--> statement-breakpoint
-- The role of operators may not name the recipient of a mail: with that it could have a reset link of anybody mailed to
-- itself. It names the person, and the mail goes to the address that the person has.
CREATE FUNCTION address_to_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	NEW.recipient := (SELECT email FROM public.users WHERE id = NEW.user_id);
	RETURN NEW;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION address_to_person() FROM PUBLIC;--> statement-breakpoint
CREATE TRIGGER email_outbox_to_person BEFORE INSERT ON "email_outbox" FOR EACH ROW
	WHEN (NEW.recipient IS NULL AND NEW.status = 'pending') EXECUTE FUNCTION address_to_person();--> statement-breakpoint
-- The mark, an entry with an empty digest, says that no token issued before it is good. A session whose last token is
-- older needs no entry of its own, so ending everybody's sessions makes no long list. Each token sets last_used_at.
CREATE OR REPLACE FUNCTION publish_revocation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	INSERT INTO public.revoked_sessions (digest, revoked_at)
		SELECT substring(sha256(convert_to(OLD.id::text, 'UTF8')) FOR 12), GREATEST(NEW.revoked_at, clock_timestamp())
		WHERE NOT EXISTS (SELECT FROM public.revoked_sessions WHERE digest = '' AND revoked_at >= OLD.last_used_at)
		ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;
