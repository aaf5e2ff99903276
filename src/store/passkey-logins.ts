/** Login by a passkey alone: it is found by its credential id, and then it opens a session, or its failure is recorded. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import type { Caller } from '../caller.ts';
import type { EventReason } from '../event-kinds.ts';
import { bytes, type Db } from './db.ts';
import { event } from './events.ts';
import { factors, factorsOf } from './factors.ts';
import { tellOfCopy } from './passkey-alarm.ts';
import { type PasskeyFailure, passkey, passkeyJson, type UsedPasskey, usePasskey } from './passkey-proof.ts';
import type { Proof } from './proof.ts';
import { column, run, statement } from './statement.ts';

const owner = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  createdAt: column.instant,
  passwordChangedAt: column.instant,
  mfaEpoch: column.integer,
  factors,
  passkey,
};

export type PasskeyOwner = z.output<z.ZodObject<typeof owner>>;

/** The person of a passkey, with what its use is judged by. Nothing is asked about a password: there may be none. */
export async function findPasskeyOwner(db: Db, credentialId: Uint8Array): Promise<PasskeyOwner | undefined> {
  const select = sql`
    SELECT users.id, users.email, users.name, users.created_at AS "createdAt",
      users.password_changed_at AS "passwordChangedAt", users.mfa_epoch AS "mfaEpoch", ${factorsOf('users')} AS factors,
      ${passkeyJson('users')} AS passkey
    FROM passkeys k JOIN users ON users.id = k.user_id
    WHERE k.credential_id = ${bytes(credentialId)} AND users.email_verified_at IS NOT NULL AND users.disabled_at IS NULL`;
  const [found] = await run(db, statement({ select, row: owner }));
  return found;
}

/**
 * The proof by a passkey, for the statement that opens the session (sessions.ts). `sessionId` is from the ticket: the
 * ticket opens one session.
 */
export const passkeyProof = (userId: string, used: UsedPasskey, sessionId: string): Proof => ({
  proven: usePasskey(
    used,
    sql`users.id = ${userId}::uuid AND users.email_verified_at IS NOT NULL AND users.disabled_at IS NULL
      AND NOT EXISTS (SELECT FROM user_sessions opened WHERE opened.id = ${sessionId}::uuid)`,
  ),
  opening: {},
  withheld: {},
});

/**
 * Records a failed login, in one trip as a successful one takes. For an unknown passkey the same rows are written, but
 * for nobody. Gives the mail that is owed.
 */
export async function recordPasskeyFailure(
  db: Db,
  userId: string | null,
  reason: PasskeyFailure,
  caller: Caller,
  now: Date,
): Promise<string | null> {
  const ids = { eventId: uuidv7(), mailId: uuidv7() };
  const isCopied = reason === 'counter_back';
  const failed = statement({
    parts: {
      person: sql`SELECT id, email FROM users WHERE id = ${userId}::uuid FOR KEY SHARE`,
      failed: event(
        {
          kind: 'login.failed',
          caller,
          at: now,
          userId: sql`person.id`,
          reason: sql<EventReason>`${reason}`,
        },
        sql`FROM (SELECT) one LEFT JOIN person ON true`,
      ),
      ...(isCopied && tellOfCopy(ids, caller, now)),
    },
    select: sql`SELECT EXISTS (SELECT FROM person) AS "isKnown"`,
    row: { isKnown: column.boolean },
  });
  const [row] = await run(db, failed, { caller });
  return isCopied && row?.isKnown ? ids.mailId : null;
}
