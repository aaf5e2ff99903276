CREATE TABLE "revoked_sessions" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"revoked_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "revoked_sessions_revoked_at_idx" ON "revoked_sessions" USING btree ("revoked_at");--> statement-breakpoint
-- Whatever ends a session says so here, in the same statement: a verb of the store, a deletion by foreign key, an operator
-- at a prompt. As a trigger of the owner it needs no right: no Worker can add, change or take away an entry otherwise. By
-- the later of two clocks, so that no token can have been issued after it by a statement that was there first.
CREATE FUNCTION publish_revocation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
	INSERT INTO public.revoked_sessions (digest, revoked_at)
		VALUES (substring(sha256(convert_to(OLD.id::text, 'UTF8')) FOR 12), GREATEST(NEW.revoked_at, clock_timestamp()))
		ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION publish_revocation() FROM PUBLIC;--> statement-breakpoint
CREATE TRIGGER user_sessions_revoked AFTER UPDATE OF revoked_at ON "user_sessions" FOR EACH ROW
	WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION publish_revocation();--> statement-breakpoint
-- One that was revoked is there already, and one past its absolute end has no token left: the sweep deletes both.
CREATE TRIGGER user_sessions_deleted AFTER DELETE ON "user_sessions" FOR EACH ROW
	WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION publish_revocation();
