/** What a failed login leaves behind: its event and, after too many failures, more events and a mail. */
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

/**
 * Why a login failed. `email_not_verified` is not in this list, since the statement finds it out itself: the password
 * was right, but for a sign-up, and the try counts as no failure.
 */
export type LoginFailure = 'unknown_address' | 'wrong_password' | 'locked';

export type FailedLogin = CountedTry & {
  email: string;
  reason: LoginFailure;
  /** The records that this password may be stored as. Empty when the password was not checked. */
  fitting: readonly string[];
  /** The account of the address, if it has one. */
  userId: string | null;
  isLast: boolean;
  isFirst: boolean;
  addresses: AddressCount;
};

/** How many bytes of the key of an address a log line shows. They lead to the counters of that address. */
const HASH_BYTES = 8;

/**
 * Records a failed login, in one trip as a successful one takes. Gives the mail that is owed now, and the sign-up that
 * waits for proof and has this password (the newest, if there are two). The search goes over all sign-ups of the
 * address, so strangers cannot hide it behind theirs. The parts, in their order:
 *
 * - `signup`: the sign-up with this password.
 * - `person`: that sign-up, or the account.
 * - `failed`: the event of this login.
 * - `uncounted`: the password was right for a sign-up, so its try is not counted.
 * - `counted`, `suspected`: one more address that this client fails for; an event when there are too many.
 * - `owner`, `disabled`, `mail`: the last failure in a row has disabled the password. An event, and a mail to the
 *   owner.
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
        WHERE email = ${email} AND email_verified_at IS NULL AND disabled_at IS NULL
          AND pending_expires_at > ${instant(now)}
          AND password_hash = ANY(${sql.param([...fitting])}::text[])
        ORDER BY created_at DESC, id DESC LIMIT 1`,
      person: sql`
        SELECT id, email, email_verified_at FROM users
        WHERE id = coalesce((SELECT id FROM signup), ${userId}::uuid) FOR KEY SHARE`,
      failed: event(
        // The reason is a parameter, so that all failures send the same text.
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
      // `=` and not `>=`: one event in a window, however many more addresses follow.
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
