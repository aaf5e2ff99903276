/** What a failed login leaves: its event, and what its number calls for. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { type AddressCount, countAddress, takeBackTry } from './attempts.ts';
import type { Db } from './db.ts';
import { type Caller, event, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { column, run, statement } from './statement.ts';
import type { CountedTry } from './users.ts';

/** Why a login failed, for the event. `email_not_verified` was a right password: its try is taken back. */
export type LoginFailure = 'unknown_address' | 'wrong_password' | 'email_not_verified' | 'locked';

export type FailedLogin = CountedTry & {
  reason: LoginFailure;
  userId: string | null;
  isLast: boolean;
  isFirst: boolean;
  addresses: AddressCount;
};

/** As much of the key of an address as names it in a log line: the row of its counters begins with it. */
const HASH_BYTES = 8;

/** Records a failed login; the same one trip that a successful one costs. Gives the mail that is now owed. */
export async function recordLoginFailure(
  db: Db,
  { reason, userId, counters, isKnownDevice, isLast, isFirst, addresses }: FailedLogin,
  caller: Caller,
  now: Date,
): Promise<string | undefined> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const kind = reason === 'locked' ? 'login.throttled' : 'login.failed';
  const isWrong = reason === 'unknown_address' || reason === 'wrong_password';
  const failure = statement({
    parts: {
      person: sql`SELECT id, email, email_verified_at FROM users WHERE id = ${userId}::uuid FOR KEY SHARE`,
      failed: event(
        // A parameter: the statement reads the same, whatever the reason is.
        { kind, caller, at: now, userId: sql`person.id`, reason: sql<LoginFailure>`${reason}` },
        sql`FROM (SELECT) one LEFT JOIN person ON true`,
      ),
      taken_back: reason === 'email_not_verified' ? takeBackTry(counters, isKnownDevice) : sql`SELECT`,
      counted: countAddress(addresses, isFirst && isWrong, now),
      // At exactly so many: once a window, however many more there are.
      suspected: event(
        { kind: 'spray.suspected', caller, at: now },
        sql`FROM counted WHERE addresses = ${addresses.max}`,
      ),
      owner: sql`
        SELECT id, email FROM person WHERE email_verified_at IS NOT NULL AND ${isLast && reason !== 'locked'}::boolean`,
      disabled: event(
        { id: eventId, kind: 'password.disabled', caller, at: now, userId: sql`id` },
        sql`FROM owner`,
      ),
      mail: sql`
        ${insertMail({ id: mailId, kind: 'password_disabled', userId: sql`id`, recipient: sql`email`, eventId, at: now }, sql`FROM owner`)}
        RETURNING id`,
    },
    select: sql`SELECT id FROM mail`,
    row: { id: column.uuid },
  });
  const [mail] = await run(db, failure, { caller });
  const [counter] = counters;
  if (userId === null && counter)
    note(caller, { addressHash: hex(counter.ownerKey.subarray(0, HASH_BYTES)) });
  return mail?.id;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
