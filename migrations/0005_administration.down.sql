DELETE FROM "revoked_sessions" WHERE digest = '';--> statement-breakpoint
CREATE OR REPLACE FUNCTION publish_revocation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	INSERT INTO public.revoked_sessions (digest, revoked_at)
		VALUES (substring(sha256(convert_to(OLD.id::text, 'UTF8')) FOR 12), GREATEST(NEW.revoked_at, clock_timestamp()))
		ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;--> statement-breakpoint
DROP TRIGGER "email_outbox_to_person" ON "email_outbox";--> statement-breakpoint
DROP FUNCTION address_to_person();--> statement-breakpoint
CREATE OR REPLACE FUNCTION forget_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
DROP INDEX "users_email_prefix_idx";--> statement-breakpoint
DROP INDEX "failed_login_attempts_user_id_idx";--> statement-breakpoint
DROP TABLE "admin_acts";--> statement-breakpoint
ALTER TABLE "failed_login_attempts" DROP COLUMN "user_id";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "disabled_by";
