/** The account as its owner's property: renamed, handed out whole, and deleted. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { clearCountersOf } from './attempts.ts';
import type { Db } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { type Confirmation, isConfirmed } from './passwords.ts';
import { lockOwnedBy, lockPerson } from './person-lock.ts';
import { type Bearer, isLiveSession, type Profile, type ProfileRow, profileOf } from './users.ts';

/** Changes the name; undefined when the session has ended. */
export async function rename(
  db: Db,
  bearer: Bearer,
  name: string,
  caller: Caller,
  now: Date,
): Promise<Profile | undefined> {
  const { rows } = await db.execute<ProfileRow>(sql`
    WITH person AS (
      UPDATE users SET name = ${name} WHERE id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}
      RETURNING id, email, name, created_at
    ), event AS (
      ${insertEvent(
        {
          kind: 'profile.changed',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${bearer.sessionId}`,
        },
        sql`FROM person`,
      )}
    )
    SELECT id, email, name, created_at::text FROM person`);
  const [row] = rows;
  if (row) note(caller, { event: 'profile.changed' });
  return row && profileOf(row);
}

/**
 * Deletes the person: sessions, tokens and mail that waits go with the row, and so do the counters of
 * `counterOwners`; security events stay and say no more whose they were. Gives the id of the farewell, whose row holds
 * the address until it is sent; undefined when the confirmed password is no longer the current one.
 */
export async function deleteAccount(
  db: Db,
  confirmation: Confirmation,
  counterOwners: readonly Uint8Array[],
  caller: Caller,
  now: Date,
): Promise<string | undefined> {
  const mailId = uuidv7();
  const nobody = { ...caller, client: null, userAgent: null, place: null };
  const statement = sql`
    WITH person AS (
      DELETE FROM users WHERE ${isConfirmed(confirmation, now)} RETURNING id, email
    ), asked AS (
      -- Codes mailed to others' addresses go on counting there, and say no more who asked for them.
      UPDATE email_outbox SET user_id = NULL FROM person WHERE user_id = person.id AND kind = 'change_email'
    ), counters AS (
      ${clearCountersOf(counterOwners)} AND EXISTS (SELECT FROM person)
    ), history AS (
      UPDATE security_events
      SET user_id = NULL, session_id = NULL, client = NULL, user_agent = NULL, request_id = NULL
      FROM person WHERE user_id = person.id
    ), event AS (
      ${insertEvent({ kind: 'account.deleted', caller: nobody, at: now }, sql`FROM person`)}
    ), mail AS (
      ${insertMail(
        { id: mailId, kind: sql`'account_deleted'`, userId: sql`NULL::uuid`, recipient: sql`email`, at: now },
        sql`FROM person`,
      )}
    )
    SELECT id FROM person`;
  const [, , { rows }] = await db.batch([
    db.execute(lockPerson(confirmation.userId)),
    db.execute(lockOwnedBy(confirmation.userId)),
    db.execute(statement),
  ]);
  if (rows.length === 1) note(caller, { event: 'account.deleted' });
  return rows.length === 1 ? mailId : undefined;
}

/** An instant as JSON has it everywhere else. */
const iso = (column: string): SQL =>
  sql`to_char(${sql.raw(column)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Rows as a JSON array, never NULL. */
const listOf = (fields: SQL, from: SQL, order: SQL): SQL =>
  sql`(SELECT COALESCE(jsonb_agg(jsonb_build_object(${fields}) ORDER BY ${order}), '[]') FROM ${from})`;

/**
 * Everything held about the person, but what only serves to recognise a secret: hashes and MACs. Mail to an address
 * that is asked for stands under addressChanges only: whether one was sent would tell that nobody else has it.
 * Undefined when the session has ended.
 */
export async function exportAccount(db: Db, bearer: Bearer, now: Date): Promise<unknown> {
  const { rows } = await db.execute<{ export: unknown }>(sql`
    SELECT jsonb_build_object(
      'account', jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'locale', u.locale,
        'createdAt', ${iso('u.created_at')}, 'emailVerifiedAt', ${iso('u.email_verified_at')},
        'passwordChangedAt', ${iso('u.password_changed_at')}),
      'sessions', ${listOf(
        sql`'id', id, 'client', client, 'userAgent', user_agent, 'place', place, 'transport', transport,
          'createdAt', ${iso('created_at')}, 'lastUsedAt', ${iso('last_used_at')},
          'expiresAt', ${iso('expires_at')}, 'endedAt', ${iso('revoked_at')}, 'endedBy', revoked_reason`,
        sql`user_sessions WHERE user_id = u.id`,
        sql`id`,
      )},
      'events', ${listOf(
        sql`'id', id, 'at', ${iso('occurred_at')}, 'kind', kind, 'sessionId', session_id, 'client', client,
          'userAgent', user_agent, 'requestId', request_id`,
        sql`security_events WHERE user_id = u.id`,
        sql`id`,
      )},
      'mails', ${listOf(
        sql`'id', id, 'kind', kind, 'status', status, 'createdAt', ${iso('created_at')},
          'finishedAt', ${iso('finished_at')}`,
        sql`email_outbox WHERE user_id = u.id AND kind <> 'change_email'`,
        sql`id`,
      )},
      'addressChanges', ${listOf(
        sql`'email', email, 'requestedAt', ${iso('created_at')}, 'expiresAt', ${iso('expires_at')}`,
        sql`verification_tokens WHERE user_id = u.id AND purpose = 'change_email' AND used_at IS NULL`,
        sql`id`,
      )},
      'passwordResets', ${listOf(
        sql`'requestedAt', ${iso('created_at')}, 'expiresAt', ${iso('expires_at')}`,
        sql`password_reset_tokens WHERE user_id = u.id`,
        sql`id`,
      )}
    ) AS export
    FROM users u WHERE u.id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`);
  return rows[0]?.export;
}
