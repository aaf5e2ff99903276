/** People: who an address belongs to, and who a live session belongs to. */
import { type SQL, sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';

/** A row that a password may open: an account, or a sign-up that is not proven yet. */
export type Candidate = {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  passwordChangedAt: Date;
  isVerified: boolean;
  createdAt: Date;
};

/** Rows of one address that a login looks through: the account, then the newest sign-ups. */
const MAX_CANDIDATES = 50;

type CandidateRow = {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  password_changed_at: string;
  is_verified: boolean;
  created_at: string;
};

/**
 * The account of the address, if it has one, and its open sign-ups. Each half of the condition repeats the predicate
 * of a partial index: without that, a login would read the whole table.
 */
export async function findCandidates(db: Db, email: string, now: Date): Promise<Candidate[]> {
  const { rows } = await db.execute<CandidateRow>(sql`
    SELECT id, email, name, password_hash, password_changed_at::text, email_verified_at IS NOT NULL AS is_verified,
      created_at::text
    FROM users
    WHERE email = ${email} AND (email_verified_at IS NOT NULL
      OR email_verified_at IS NULL AND pending_expires_at > ${instant(now)})
    ORDER BY email_verified_at IS NULL, created_at DESC
    LIMIT ${MAX_CANDIDATES}`);
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    passwordChangedAt: new Date(row.password_changed_at),
    isVerified: row.is_verified,
    createdAt: new Date(row.created_at),
  }));
}

/** Why a login failed, for the event. */
export type LoginFailure = 'unknown_address' | 'wrong_password' | 'email_not_verified';

/** Records a failed login; the same one trip that a successful one costs. */
export async function recordLoginFailure(
  db: Db,
  reason: LoginFailure,
  userId: string | null,
  caller: Caller,
  now: Date,
): Promise<void> {
  await db.execute(
    insertEvent({ kind: 'login.failed', caller, at: now, userId: sql`${userId}`, reason: sql`${reason}` }),
  );
  note(caller, { event: 'login.failed', userId });
}

export type Profile = { id: string; email: string; name: string; createdAt: Date };

export type ProfileRow = { id: string; email: string; name: string; created_at: string };

export const profileOf = (row: ProfileRow): Profile => ({
  id: row.id,
  email: row.email,
  name: row.name,
  createdAt: new Date(row.created_at),
});

/** The session that an access token names, as the claims say it: what a protected statement joins. */
export type Bearer = { userId: string; sessionId: string };

/** True of the row of `user_sessions` that goes by `alias`. */
export const isLive = (alias: string, now: Date): SQL => {
  const s = sql.raw(alias);
  return sql`${s}.revoked_at IS NULL AND ${s}.expires_at > ${instant(now)} AND ${s}.idle_expires_at > ${instant(now)}`;
};

/** True while the session is live; to stand in the WHERE of every statement that acts for a bearer. */
export const isLiveSession = (bearer: Bearer, now: Date): SQL => sql`
  EXISTS (SELECT FROM user_sessions s
    WHERE s.id = ${bearer.sessionId}::uuid AND s.user_id = ${bearer.userId}::uuid AND ${isLive('s', now)})`;

/** The bearer's own account; undefined when the session has ended. */
export async function findProfile(db: Db, bearer: Bearer, now: Date): Promise<Profile | undefined> {
  const { rows } = await db.execute<ProfileRow>(sql`
    SELECT id, email, name, created_at::text FROM users
    WHERE id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`);
  const [row] = rows;
  return row && profileOf(row);
}
