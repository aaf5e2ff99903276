/** Fills a database directly: people by the million, and a long history for one of them. */
import { secretHash } from './people.ts';
import type { Database } from './stores.ts';

const SESSION = `INSERT INTO user_sessions
  (user_id, id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at, client, user_agent, revoked_at)`;

const values = (
  revokedAt: 'now()' | 'NULL::timestamptz',
) => `uuidv7(), '\\x${secretHash.toString('hex')}'::bytea,
  now(), now() + interval '7 days', now() + interval '30 days', now(), '203.0.113.7', repeat('Mozilla/5.0 ', 10), ${revokedAt}`;

/** Each has an account, a session whose tokens `tokensOf` makes, and the event of its login. */
export async function seedPeople({ query }: Database, count: number): Promise<void> {
  // One text, so one connection. The rows are right by construction: checking each reference would take twice as long.
  await query(`SET session_replication_role = replica;
    INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
    SELECT uuidv7(), 'person-' || n || '@example.com', 'Ada Lovelace', repeat('x', 110), now(), now(), now()
    FROM generate_series(1, ${count}) n;
    ${SESSION} SELECT id, ${values('NULL::timestamptz')} FROM users;
    INSERT INTO security_events (id, kind, user_id, session_id, client, occurred_at)
    SELECT uuidv7(), 'login.success', user_id, id, client, created_at FROM user_sessions;
    SET session_replication_role = origin`);
  await query('VACUUM ANALYZE');
  await query('CHECKPOINT');
}

export const seedPast = ({ query }: Database, userId: string, ended: number) =>
  query(`${SESSION} SELECT $1::uuid, ${values('now()')} FROM generate_series(1, $2::int)`, [userId, ended]);
