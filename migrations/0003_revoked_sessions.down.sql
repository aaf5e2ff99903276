DROP TRIGGER "user_sessions_deleted" ON "user_sessions";--> statement-breakpoint
DROP TRIGGER "user_sessions_revoked" ON "user_sessions";--> statement-breakpoint
DROP FUNCTION publish_revocation();--> statement-breakpoint
DROP TABLE "revoked_sessions";
