-- Least privilege: one role for each Worker (operators have that of the admin Worker), besides the one that owns the tables and migrates. Run as the owner, once and
-- after every migration that adds a table; running it again changes nothing. `npm run roles` does so, and sets the passwords.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_api') THEN CREATE ROLE gatehouse_api LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_jobs') THEN CREATE ROLE gatehouse_jobs LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_admin') THEN CREATE ROLE gatehouse_admin LOGIN; END IF;
END $$;

-- A statement that the Worker has given up on must not go on in the database. The Worker's own limit is DATABASE_TIMEOUT_MS.
ALTER ROLE gatehouse_api SET statement_timeout = '3s';
ALTER ROLE gatehouse_api SET lock_timeout = '2s';
ALTER ROLE gatehouse_api SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE gatehouse_jobs SET statement_timeout = '10s';
ALTER ROLE gatehouse_jobs SET lock_timeout = '2s';
ALTER ROLE gatehouse_jobs SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE gatehouse_admin SET statement_timeout = '20s';
ALTER ROLE gatehouse_admin SET lock_timeout = '2s';
ALTER ROLE gatehouse_admin SET idle_in_transaction_session_timeout = '25s';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO gatehouse_api, gatehouse_jobs, gatehouse_admin;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, gatehouse_api, gatehouse_jobs, gatehouse_admin;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, gatehouse_api, gatehouse_jobs, gatehouse_admin;

-- Each Worker has what its statements need, table by table, and no more: neither may change or empty a table, nor see the
-- journal of the migrations, and a new table is closed to both until it is named here. test/database/roles.test.ts runs every
-- statement of the store under its role. What goes with a person by foreign key needs no right of the one who deletes.

-- The API: people, what they own, and the counters of tries and requests.
GRANT SELECT, INSERT, UPDATE, DELETE
  ON users, verification_tokens, password_reset_tokens, email_change_undos, failed_login_attempts, rate_limit_fallback,
  totp_factors, passkeys, recovery_codes
  TO gatehouse_api;
GRANT SELECT, INSERT, UPDATE ON user_sessions, email_outbox TO gatehouse_api;
-- What the owner's triggers write whenever a session ends, to be published.
GRANT SELECT ON revoked_sessions TO gatehouse_api;
-- What happened is only ever added. That DELETE /me empties what says whose it was is done by a trigger of the owner.
GRANT SELECT, INSERT ON security_events TO gatehouse_api;
-- Reports of the provider add a suppression, and one of a bounce outweighs a complaint; a mailed link that is used lifts it.
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_suppressions TO gatehouse_api;

-- The jobs Worker sends mail, sweeps what is over and erases closed accounts, which it records. It makes no person,
-- opens no session, and causes mail only to the address that the person has.
GRANT INSERT ON security_events TO gatehouse_jobs;
GRANT SELECT, UPDATE, DELETE ON email_outbox TO gatehouse_jobs;
GRANT SELECT, DELETE ON users, user_sessions, verification_tokens, password_reset_tokens, email_change_undos,
  failed_login_attempts, rate_limit_fallback, security_events, mail_suppressions, revoked_sessions TO gatehouse_jobs;
-- Passing over rows that somebody holds (FOR UPDATE SKIP LOCKED) takes the right to update some column: one that opens nothing.
GRANT UPDATE (locale) ON users TO gatehouse_jobs;
GRANT UPDATE (place) ON user_sessions TO gatehouse_jobs;
GRANT UPDATE (resends) ON verification_tokens TO gatehouse_jobs;
GRANT UPDATE (created_at) ON password_reset_tokens, email_change_undos TO gatehouse_jobs;
GRANT UPDATE (window_ends_at) ON failed_login_attempts TO gatehouse_jobs;
GRANT UPDATE (expires_at) ON rate_limit_fallback TO gatehouse_jobs;

-- It also does the removals of second factors that operators asked for and nobody called off, and tells the person.
GRANT SELECT, DELETE, UPDATE (created_at) ON factor_removals TO gatehouse_jobs;
GRANT SELECT (user_id, last_step), DELETE ON totp_factors TO gatehouse_jobs;
GRANT SELECT (user_id, last_used_at), DELETE ON passkeys TO gatehouse_jobs;
GRANT SELECT (user_id), DELETE ON recovery_codes TO gatehouse_jobs;
GRANT UPDATE (mfa_epoch, mfa_required) ON users TO gatehouse_jobs;
GRANT UPDATE (revoked_at, revoked_reason) ON user_sessions TO gatehouse_jobs;
GRANT INSERT (id, kind, user_id, event_id, created_at) ON email_outbox TO gatehouse_jobs;

-- Operators: the admin Worker and `npm run users`. They see people, and neither a password record, nor what a refresh token
-- or a code is checked against. Of a person they may only write what closes a door. They name no recipient of a mail: a
-- trigger fills in the address that the person has. So this role, stolen, opens no account.
GRANT SELECT (id, email, name, external_source, external_id, locale, email_verified_at, pending_expires_at, password_changed_at,
  mfa_epoch, mfa_required, disabled_at, disabled_by, deletion_due_at, created_at), DELETE ON users TO gatehouse_admin;
GRANT UPDATE (disabled_at, disabled_by) ON users TO gatehouse_admin;
GRANT SELECT (id, user_id, device_id, last_used_at, used_before_at, amr, idle_expires_at, expires_at, revoked_at,
  revoked_reason, transport, client, user_agent, place, created_at) ON user_sessions TO gatehouse_admin;
GRANT UPDATE (revoked_at, revoked_reason) ON user_sessions TO gatehouse_admin;
GRANT SELECT (id, user_id, purpose, email, mail_id, key_id, expires_at, used_at, created_at), DELETE
  ON verification_tokens TO gatehouse_admin;
GRANT UPDATE (mail_id, key_id, code_expires_at, link_tries) ON verification_tokens TO gatehouse_admin;
GRANT SELECT (id, user_id, client, expires_at, used_at, created_at), DELETE,
  INSERT (id, user_id, recipient_key, key_id, expires_at, created_at) ON password_reset_tokens TO gatehouse_admin;
GRANT UPDATE (created_at) ON password_reset_tokens TO gatehouse_admin;
GRANT SELECT ON email_change_undos TO gatehouse_admin;
GRANT SELECT (key, user_id, failures, in_a_row, window_ends_at, locked_until, expires_at), DELETE, UPDATE (window_ends_at)
  ON failed_login_attempts TO gatehouse_admin;
GRANT SELECT, INSERT ON security_events, admin_acts TO gatehouse_admin;
GRANT SELECT, INSERT (id, kind, user_id, event_id, created_at) ON email_outbox TO gatehouse_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_suppressions TO gatehouse_admin;
GRANT SELECT (user_id, created_at) ON totp_factors TO gatehouse_admin;
GRANT SELECT (id, user_id, rp_id, name, backed_up, created_at, last_used_at) ON passkeys TO gatehouse_admin;
GRANT SELECT (user_id, used, created_at) ON recovery_codes TO gatehouse_admin;
GRANT SELECT, INSERT, DELETE ON factor_removals TO gatehouse_admin;
-- The mark of a bulk end: no token that was issued before it is good. Whoever may end everybody's sessions may set it.
GRANT SELECT, INSERT, UPDATE (revoked_at) ON revoked_sessions TO gatehouse_admin;
