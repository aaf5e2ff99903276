-- On a large table run it by hand first, as CREATE INDEX CONCURRENTLY with the same words: here it would hold up every
-- refresh while it is built (docs/operations.md, Migrations). Then there is nothing left to do.
CREATE INDEX IF NOT EXISTS "user_sessions_not_ended_idx" ON "user_sessions" USING btree ("user_id") WHERE revoked_at IS NULL;
