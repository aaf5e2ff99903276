-- Least privilege: one role for each Worker, besides the one that owns the tables and migrates. Run as the owner, once and
-- after every migration that adds a table; running it again changes nothing. Then give each role a password:
--   ALTER ROLE gatehouse_api PASSWORD '...'; ALTER ROLE gatehouse_jobs PASSWORD '...';
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_api') THEN CREATE ROLE gatehouse_api LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_jobs') THEN CREATE ROLE gatehouse_jobs LOGIN; END IF;
END $$;

-- A statement that the Worker has given up on must not go on in the database. The Worker's own limit is DATABASE_TIMEOUT_MS.
ALTER ROLE gatehouse_api SET statement_timeout = '3s';
ALTER ROLE gatehouse_api SET lock_timeout = '2s';
ALTER ROLE gatehouse_api SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE gatehouse_jobs SET statement_timeout = '10s';
ALTER ROLE gatehouse_jobs SET lock_timeout = '2s';
ALTER ROLE gatehouse_jobs SET idle_in_transaction_session_timeout = '15s';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO gatehouse_api, gatehouse_jobs;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM gatehouse_api, gatehouse_jobs;

-- Both Workers may read and write rows. Neither may change or empty a table, nor see the journal of the migrations.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO gatehouse_api, gatehouse_jobs;

-- What happened is only ever added: no one rewrites it, and only the sweep of the jobs Worker deletes what is past its days.
REVOKE UPDATE, DELETE ON security_events FROM gatehouse_api;
-- ... but for the columns that say whose an event was, which DELETE /me empties.
GRANT UPDATE (user_id, session_id, client, user_agent, request_id) ON security_events TO gatehouse_api;
REVOKE UPDATE ON security_events FROM gatehouse_jobs;

-- The jobs Worker sends mail and sweeps; it makes no person and changes none, and opens no session.
REVOKE INSERT, UPDATE ON users, user_sessions, verification_tokens, password_reset_tokens FROM gatehouse_jobs;
-- Passing over rows that somebody holds (FOR UPDATE SKIP LOCKED) takes the right to update some column: one that opens nothing.
GRANT UPDATE (locale) ON users TO gatehouse_jobs;
GRANT UPDATE (place) ON user_sessions TO gatehouse_jobs;
GRANT UPDATE (resends) ON verification_tokens TO gatehouse_jobs;
GRANT UPDATE (created_at) ON password_reset_tokens TO gatehouse_jobs;
