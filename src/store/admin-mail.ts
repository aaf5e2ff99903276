/**
 * Mail that an operator causes or stops. It always goes to the address that the person has: a trigger fills it in, and
 * the role of operators may name no recipient (migrations/roles.sql). No key is used here. The jobs Worker derives the
 * link when it writes the mail, so no operator ever has one.
 */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { ANY_KEY } from '../lib/key-ring.ts';
import { later } from '../lib/time.ts';
import {
  type Acting,
  type ActOutcome,
  actingCaller,
  outcomeRow,
  recordAct,
  selectOutcome,
} from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** The life of a link that an operator starts; the mail names it. */
const RESET_SECONDS = 3_600;

/**
 * Owes the person a link that sets a new password. It is counted in no lane and makes no other link void. Unchanged for
 * somebody who is disabled, or whose address is not proven.
 */
export async function startReset(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const [linkId, eventId] = [uuidv7(), uuidv7()];
  const started = statement({
    parts: {
      person: sql`SELECT id, email_verified_at, disabled_at FROM users WHERE id = ${userId}::uuid`,
      done: sql`SELECT id FROM person WHERE email_verified_at IS NOT NULL AND disabled_at IS NULL`,
      // An empty key counts in the lane of no address.
      link: sql`
        INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
        SELECT ${linkId}::uuid, id, '', ${ANY_KEY}, ${instant(later(now, RESET_SECONDS))}, ${instant(now)}
        FROM done`,
      ...recordAct(acting, 'admin.reset_started', now, { eventId }),
      mail: sql`
        INSERT INTO email_outbox (id, kind, user_id, event_id, created_at)
        SELECT ${linkId}::uuid, 'reset_password', id, ${eventId}::uuid, ${instant(now)} FROM done`,
    },
    select: selectOutcome,
    row: outcomeRow,
  });
  const [row] = await run(db, started, { caller: actingCaller(acting), locks: [lockPerson(userId)] });
  return row?.outcome ?? 'unknown';
}

/**
 * Owes the mailbox of a sign-up a new mail with its link, and makes the codes mailed before void. The mail has no code:
 * a code would need a key. Unchanged when nothing waits for proof.
 */
export async function resendProof(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const mailId = uuidv7();
  const resent = statement({
    parts: {
      person: sql`SELECT id FROM users WHERE id = ${userId}::uuid`,
      done: sql`
        UPDATE verification_tokens t SET mail_id = ${mailId}::uuid, key_id = ${ANY_KEY},
          code_expires_at = '-infinity', link_tries = 0
        FROM users u
        WHERE u.id = ${userId}::uuid AND t.user_id = u.id AND t.purpose = 'verify_email' AND t.used_at IS NULL
          AND t.expires_at > ${instant(now)} AND u.email_verified_at IS NULL AND u.disabled_at IS NULL
          AND u.pending_expires_at > ${instant(now)}
          AND NOT EXISTS (SELECT FROM users o WHERE o.email = u.email AND o.email_verified_at IS NOT NULL)
        RETURNING u.id`,
      ...recordAct(acting, 'admin.proof_resent', now),
      mail: sql`
        INSERT INTO email_outbox (id, kind, user_id, created_at)
        SELECT ${mailId}::uuid, 'verify_email', id, ${instant(now)} FROM done`,
    },
    select: selectOutcome,
    row: outcomeRow,
  });
  const [row] = await run(db, resent, { caller: actingCaller(acting), locks: [lockPerson(userId)] });
  return row?.outcome ?? 'unknown';
}

/**
 * Stops all mail to an address, or allows it again. The event belongs to the account that has the address, if there is
 * one. False when it was so already.
 */
export async function suppressAddress(
  db: Db,
  address: string,
  isSuppressed: boolean,
  acting: Acting,
  now: Date,
): Promise<boolean> {
  const changed = statement({
    parts: {
      done: isSuppressed
        ? sql`
            INSERT INTO mail_suppressions (address, reason, created_at)
            VALUES (${address}, 'operator', ${instant(now)})
            ON CONFLICT (address) DO UPDATE SET reason = 'operator', created_at = EXCLUDED.created_at
              WHERE mail_suppressions.reason <> 'operator'
            RETURNING address`
        : sql`DELETE FROM mail_suppressions WHERE address = ${address} RETURNING address`,
      ...recordAct(acting, isSuppressed ? 'admin.suppressed' : 'admin.unsuppressed', now, {
        userId: sql`(SELECT u.id FROM users u WHERE u.email = done.address AND u.email_verified_at IS NOT NULL)`,
      }),
    },
    select: sql`SELECT address FROM done`,
    row: { address: column.text },
  });
  return (await run(db, changed, { caller: actingCaller(acting) })).length === 1;
}
