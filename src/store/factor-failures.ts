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
import { nextVersion } from './passwords.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** So many wrong codes since the last success, and each multiple of it. */
const TOLD = 10;
const SWITCHED_OFF = 50;

export type FactorFailure = 'wrong_code' | 'used_code' | 'unreadable' | 'locked';

/**
 * Records the failure, and gives the id of the mail that is owed. The parts, in their order:
 *
 * - `person`: whose ticket it is, while it holds.
 * - `failed`: the event.
 * - `off`, `disabled`: the password is switched off, so tickets and trusted devices are void; its event.
 * - `guessing`, `mail`: the owner is told.
 */
export async function recordFactorFailure(
  db: Db,
  challenge: Challenge,
  { reason, inARow }: { reason: FactorFailure; inARow: number },
  caller: Caller,
  now: Date,
): Promise<string | null> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const isCounted = reason !== 'locked' && inARow > 0;
  const isTold = isCounted && inARow % TOLD === 0;
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
      guessing: event(
        {
          id: eventId,
          kind: 'mfa.guessing',
          ...about,
          reason: sql<EventReason>`'after_' || ${inARow}::int || '_failures'`,
        },
        sql`FROM person WHERE ${isTold}::boolean`,
      ),
      mail: sql`${insertMail(
        { id: mailId, kind: 'mfa_guessing', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person WHERE ${isTold}::boolean`,
      )} RETURNING id`,
    },
    select: sql`SELECT (SELECT id FROM mail) AS "mailId"`,
    row: { mailId: column.uuid.nullable() },
  });
  const [row] = await run(db, recorded, { caller, locks: [lockPerson(challenge.userId)] });
  return row?.mailId ?? null;
}

/** Records a wrong code from somebody who has a live session. It is counted for that session (guard/lockout.ts). */
export async function recordProofFailure(
  db: Db,
  { userId, sessionId }: Bearer,
  reason: FactorFailure,
  caller: Caller,
  now: Date,
): Promise<void> {
  const about = { caller, at: now, userId: sql`id`, sessionId: sql`${sessionId}` };
  const failed = statement({
    parts: {
      person: sql`SELECT id FROM users WHERE id = ${userId}::uuid FOR KEY SHARE`,
      failure: event({ kind: 'mfa.failed', ...about, reason: sql<EventReason>`${reason}` }, sql`FROM person`),
    },
    select: sql`SELECT id FROM person`,
    row: { id: column.uuid },
  });
  await run(db, failed, { caller });
}
