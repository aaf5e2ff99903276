/** What a failed login leaves: its event, and what its number calls for. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { type Caller, note } from '../caller.ts';
import { type AddressCount, countAddress } from './address-count.ts';
import { uncountTry } from './attempt-results.ts';
import { choose } from './constants.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import type { CountedTry } from './logins.ts';
import { insertMail } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** Why a login failed. `email_not_verified`, which is for the statement to find, was a right password: its try is uncounted. */
export type LoginFailure = 'unknown_address' | 'wrong_password' | 'locked';

export type FailedLogin = CountedTry & {
  email: string;
  reason: LoginFailure;
  /** All that the password may be stored as; nothing when it was not judged. */
  fitting: readonly string[];
  /** Of the account, if there is one. */
  userId: string | null;
  isLast: boolean;
  isFirst: boolean;
  addresses: AddressCount;
};

/** As much of the key of an address as names it in a log line: the row of its counters begins with it. */
const HASH_BYTES = 8;

/**
 * Records a failed login; the same one trip that a successful one costs. Gives the mail that is now owed, and the sign-up
 * that waits for proof and has this password, the newest if there are two: it is found among however many others wait, so
 * that strangers cannot hide it.
 */
export async function recordLoginFailure(
  db: Db,
  { email, reason, fitting, userId, counters, isKnownDevice, isLast, isFirst, addresses }: FailedLogin,
  caller: Caller,
  now: Date,
): Promise<{ mailId: string | null; signupId: string | null }> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const kind = reason === 'locked' ? 'login.throttled' : 'login.failed';
  const isJudged = reason !== 'locked';
  const isRight = sql`EXISTS (SELECT FROM signup)`;
  const failure = statement({
    parts: {
      signup: sql`
        SELECT id FROM users
        WHERE email = ${email} AND email_verified_at IS NULL AND pending_expires_at > ${instant(now)}
          AND password_hash = ANY(${sql.param([...fitting])}::text[])
        ORDER BY created_at DESC, id DESC LIMIT 1`,
      person: sql`
        SELECT id, email, email_verified_at FROM users
        WHERE id = coalesce((SELECT id FROM signup), ${userId}::uuid) FOR KEY SHARE`,
      failed: event(
        // A parameter: the statement reads the same, whatever the reason is.
        {
          kind,
          caller,
          at: now,
          userId: sql`person.id`,
          reason: choose(isRight, 'email_not_verified', sql<LoginFailure>`${reason}`),
        },
        sql`FROM (SELECT) one LEFT JOIN person ON true`,
      ),
      uncounted: sql`${uncountTry(counters, isKnownDevice)} AND ${isRight}`,
      counted: countAddress(addresses, sql`${isFirst && isJudged}::boolean AND NOT ${isRight}`, now),
      // At exactly so many: once a window, however many more there are.
      suspected: event(
        { kind: 'spray.suspected', caller, at: now },
        sql`FROM counted WHERE addresses = ${addresses.max}`,
      ),
      owner: sql`
        SELECT id, email FROM person WHERE email_verified_at IS NOT NULL AND ${isLast && isJudged}::boolean`,
      disabled: event(
        { id: eventId, kind: 'password.disabled', caller, at: now, userId: sql`id` },
        sql`FROM owner`,
      ),
      mail: sql`
        ${insertMail({ id: mailId, kind: 'password_disabled', userId: sql`id`, recipient: sql`email`, eventId, at: now }, sql`FROM owner`)}
        RETURNING id`,
    },
    select: sql`SELECT (SELECT id FROM mail) AS "mailId", (SELECT id FROM signup) AS "signupId"`,
    row: { mailId: column.uuid.nullable(), signupId: column.uuid.nullable() },
  });
  const [recorded = { mailId: null, signupId: null }] = await run(db, failure, { caller });
  const [counter] = counters;
  if (userId === null && recorded.signupId === null && counter)
    note(caller, { addressHash: hex(counter.ownerKey.subarray(0, HASH_BYTES)) });
  return recorded;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
