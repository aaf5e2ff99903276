/**
 * What a wrong second factor leaves behind. Whoever gets here has the password. So after many failures since the last
 * success the owner is told that somebody knows it, and after many more it is switched off until a reset.
 */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { EventReason } from '../event-kinds.ts';
import type { Db } from './db.ts';
import { event } from './events.ts';
import type { Challenge } from './factor-logins.ts';
import { isUnchanged } from './factor-proof.ts';
import { insertMail } from './outbox.ts';
import { tellOfCopy } from './passkey-alarm.ts';
import type { PasskeyFailure } from './passkey-proof.ts';
import { nextVersion } from './passwords.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** So many wrong codes since the last success, and each multiple of it. */
const TOLD = 10;
const SWITCHED_OFF = 50;

export type FactorFailure = 'wrong_code' | 'used_code' | 'unreadable' | 'locked' | PasskeyFailure;

/**
 * Records the failure, and gives the id of the mail that is owed. The parts, in their order:
 *
 * - `person`: whose ticket it is, while it holds.
 * - `failed`: the event.
 * - `off`, `disabled`: the password is switched off, so tickets and trusted devices are void; its event.
 * - `telling`, `mail`: the owner is told of many failures, or of a passkey that was copied.
 */
export async function recordFactorFailure(
  db: Db,
  challenge: Challenge,
  { reason, inARow }: { reason: FactorFailure; inARow: number },
  caller: Caller,
  now: Date,
): Promise<string | null> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const isCopied = reason === 'counter_back';
  const isCounted = reason !== 'locked' && inARow > 0;
  const isGuessing = isCounted && inARow % TOLD === 0;
  const isTold = isGuessing || isCopied;
  const isOff = isCounted && inARow % SWITCHED_OFF === 0;
  const about = { caller, at: now, userId: sql`id` };
  const recorded = statement({
    parts: {
      person: sql`SELECT id, email FROM users WHERE ${isUnchanged(challenge)}`,
      failed: event({ kind: 'mfa.failed', ...about, reason: sql<EventReason>`${reason}` }, sql`FROM person`),
      off: sql`
        UPDATE users SET password_hash = NULL, password_changed_at = ${nextVersion(now)}
        FROM person WHERE users.id = person.id AND ${isOff}::boolean RETURNING users.id`,
      disabled: event({ kind: 'password.disabled', ...about }, sql`FROM off`),
      telling: event(
        {
          id: eventId,
          kind: isCopied ? 'passkey.copied' : 'mfa.guessing',
          ...about,
          reason: isCopied ? 'counter_back' : sql<EventReason>`'after_' || ${inARow}::int || '_failures'`,
        },
        sql`FROM person WHERE ${isTold}::boolean`,
      ),
      mail: sql`${insertMail(
        {
          id: mailId,
          kind: isCopied ? 'passkey_copied' : 'mfa_guessing',
          userId: sql`id`,
          recipient: sql`email`,
          eventId,
          at: now,
        },
        sql`FROM person WHERE ${isTold}::boolean`,
      )} RETURNING id`,
    },
    select: sql`SELECT (SELECT id FROM mail) AS "mailId"`,
    row: { mailId: column.uuid.nullable() },
  });
  const [row] = await run(db, recorded, { caller, locks: [lockPerson(challenge.userId)] });
  return row?.mailId ?? null;
}

/**
 * Records a wrong answer from somebody who has a live session. Codes are counted for that session (guard/lockout.ts).
 * Gives the id of the mail that is owed.
 */
export async function recordProofFailure(
  db: Db,
  { userId, sessionId }: Bearer,
  reason: FactorFailure,
  caller: Caller,
  now: Date,
): Promise<string | null> {
  const copy = { eventId: uuidv7(), mailId: uuidv7() };
  const isCopied = reason === 'counter_back';
  const about = { caller, at: now, userId: sql`id`, sessionId: sql`${sessionId}` };
  const failed = statement({
    parts: {
      person: sql`SELECT id, email FROM users WHERE id = ${userId}::uuid FOR KEY SHARE`,
      failure: event({ kind: 'mfa.failed', ...about, reason: sql<EventReason>`${reason}` }, sql`FROM person`),
      ...(isCopied && tellOfCopy(copy, caller, now)),
    },
    select: sql`SELECT id FROM person`,
    row: { id: column.uuid },
  });
  const rows = await run(db, failed, { caller });
  return isCopied && rows.length === 1 ? copy.mailId : null;
}
