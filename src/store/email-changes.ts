/**
 * A change of address: asked for with the password, waiting for the proof of the new mailbox, made by it. The
 * waiting row is written for a taken address too, with a code that nobody is mailed, so that nothing its owner can
 * read tells the one from the other.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { lockAddress, lockAddressOfChange } from './address-lock.ts';
import { bytes, type Db, instant, sqlState } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { type Budget, withinMailBudget } from './mail-budget.ts';
import { insertMail } from './outbox.ts';
import { type Confirmation, clearConfirmation, isConfirmed } from './passwords.ts';
import { lockPerson } from './person-lock.ts';
import type { MailedCode } from './signups.ts';
import { type Bearer, isLiveSession } from './users.ts';

/** `noticeId` is the mail to the old address, and the id that its cancel link carries. */
export type NewEmailChange = {
  email: string;
  /** The confirmed password, recorded for the new address. */
  passwordHash: string;
  noticeId: string;
  code: MailedCode;
  mailBudget: readonly Budget[];
};

/**
 * Replaces what waited before and owes both mails; false when the confirmation no longer holds. Past the mail budget
 * the code is not mailed and void: what the person can read looks the same.
 */
export async function requestEmailChange(
  db: Db,
  confirmation: Confirmation,
  { email, passwordHash, noticeId, code, mailBudget }: NewEmailChange,
  caller: Caller,
  now: Date,
): Promise<boolean> {
  const eventId = uuidv7();
  const statement = sql`
    WITH budget AS (
      SELECT ${withinMailBudget(sql`${email}`, mailBudget, now, confirmation.userId)} AS fits
    ), person AS (
      SELECT id FROM users WHERE ${isConfirmed(confirmation, now)}
    ), cleared AS (
      ${clearConfirmation(confirmation, 'person', now)}
    ), owner AS (
      SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL FOR KEY SHARE
    ), token AS (
      INSERT INTO verification_tokens
        (id, user_id, purpose, email, password_hash, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
      SELECT ${noticeId}::uuid, id, 'change_email', ${email}, ${passwordHash}, ${code.mailId}::uuid, ${code.keyId},
        ${bytes(code.mac)}, CASE WHEN fits THEN ${instant(code.expiresAt)} ELSE ${instant(now)} END,
        ${instant(code.expiresAt)}, ${instant(now)}
      FROM person, budget
      ON CONFLICT (user_id, purpose) DO UPDATE SET id = EXCLUDED.id, email = EXCLUDED.email,
        password_hash = EXCLUDED.password_hash, mail_id = EXCLUDED.mail_id, key_id = EXCLUDED.key_id, code_mac = EXCLUDED.code_mac,
        code_expires_at = EXCLUDED.code_expires_at, expires_at = EXCLUDED.expires_at,
        created_at = EXCLUDED.created_at, tries = 0, used_at = NULL
    ), event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: 'email.change_requested',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${confirmation.sessionId}`,
        },
        sql`FROM person`,
      )}
    ), code_mail AS (
      ${insertMail(
        {
          id: code.mailId,
          kind: sql`CASE WHEN owner.id IS NULL THEN 'change_email' ELSE 'change_email_taken' END`,
          userId: sql`COALESCE(owner.id, person.id)`,
          recipient: sql`CASE WHEN owner.id IS NULL THEN ${email} END`,
          at: now,
        },
        sql`FROM budget JOIN person ON fits LEFT JOIN owner ON true`,
      )}
    ), notice AS (
      ${insertMail(
        { id: noticeId, kind: sql`'change_email_notice'`, userId: sql`id`, eventId, at: now },
        sql`FROM person`,
      )}
    )
    SELECT id FROM person`;
  const [, , { rows }] = await db.batch([
    db.execute(lockAddress(email)),
    db.execute(lockPerson(confirmation.userId)),
    db.execute(statement),
  ]);
  if (rows.length === 1) note(caller, { event: 'email.change_requested' });
  return rows.length === 1;
}

/** `gone` is the bearer's session having ended. */
export type EmailChange = 'changed' | 'refused' | 'gone';

/** The ids of the two mails that say so, to the old address and to the new. */
export type ChangeMails = { toOld: string; toNew: string };

const UNIQUE_VIOLATION = '23505';

/**
 * Judges the code, counting the try, and makes the new address the person's, unless it is someone's by then.
 * Whatever else was under way for that address dies, and so do the other sessions and the links that were mailed
 * to the old one. Sign-ups and changes of one address come in turn; the unique index has the last word.
 */
export async function confirmEmailChange(
  db: Db,
  bearer: Bearer,
  proof: { codeMacs: Uint8Array[]; maxTries: number },
  mails: ChangeMails,
  caller: Caller,
  now: Date,
): Promise<EmailChange> {
  const statement = sql`
    WITH bearer AS (SELECT WHERE ${isLiveSession(bearer, now)}), ${judge(bearer, proof, now)},
    person AS (
      UPDATE users SET email = judged.email, password_hash = judged.password_hash, email_verified_at = ${instant(now)}
      FROM judged, (SELECT id, email FROM users WHERE id = ${bearer.userId}::uuid) before
      WHERE users.id = judged.user_id AND before.id = users.id AND judged.used_at IS NOT NULL
      RETURNING users.id, users.email, before.email AS old_email
    ), ${endTheRest(bearer, now)}, ${record(bearer, mails, caller, now)}
    SELECT EXISTS (SELECT FROM bearer) AS live, EXISTS (SELECT FROM person) AS changed`;
  try {
    const [, , { rows }] = await db.batch([
      db.execute(lockAddressOfChange(bearer.userId)),
      db.execute(lockPerson(bearer.userId)),
      db.execute<{ live: boolean; changed: boolean }>(statement),
    ]);
    const [row] = rows;
    if (!row?.live) return 'gone';
    note(caller, { event: row.changed ? 'email.changed' : 'email.change_failed' });
    return row.changed ? 'changed' : 'refused';
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'refused';
    throw error;
  }
}

/** `judged`: the waiting row with the try counted, used up when the code fits and the address is still free. */
const judge = (bearer: Bearer, proof: { codeMacs: Uint8Array[]; maxTries: number }, now: Date): SQL => sql`
  judged AS (
    UPDATE verification_tokens t SET tries = tries + 1,
      used_at = CASE WHEN code_mac IN (${sql.join(proof.codeMacs.map(bytes), sql`, `)})
        AND NOT EXISTS (SELECT FROM users o WHERE o.email = t.email AND o.email_verified_at IS NOT NULL)
        THEN ${instant(now)} END
    FROM bearer
    WHERE t.user_id = ${bearer.userId}::uuid AND t.purpose = 'change_email' AND t.used_at IS NULL
      AND t.code_expires_at > ${instant(now)} AND t.tries < ${proof.maxTries}
    RETURNING t.user_id, t.email, t.password_hash, t.used_at
  )`;

/** What a change of `person` ends: others who wanted the address, reset links to the old one, other sessions. */
const endTheRest = (bearer: Bearer, now: Date): SQL => sql`
  rivals AS (
    DELETE FROM users USING person
    WHERE users.email = person.email AND users.email_verified_at IS NULL
  ), changes AS (
    DELETE FROM verification_tokens t USING person
    WHERE t.purpose = 'change_email' AND t.email = person.email AND t.user_id <> person.id
  ), links AS (
    DELETE FROM password_reset_tokens USING person WHERE user_id = person.id
  ), ended AS (
    UPDATE user_sessions s SET revoked_at = ${instant(now)}, revoked_reason = 'email_changed' FROM person
    WHERE s.user_id = person.id AND s.id <> ${bearer.sessionId}::uuid AND s.revoked_at IS NULL
  )`;

/** The event, either way, and the two mails of a change. */
function record(bearer: Bearer, mails: ChangeMails, caller: Caller, now: Date): SQL {
  const eventId = uuidv7();
  const mail = { kind: sql`'email_changed'`, userId: sql`id`, eventId, at: now };
  return sql`
    event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: sql`CASE WHEN person.id IS NULL THEN 'email.change_failed' ELSE 'email.changed' END`,
          caller,
          at: now,
          userId: sql`${bearer.userId}`,
          sessionId: sql`${bearer.sessionId}`,
          reason: sql`CASE WHEN person.id IS NULL THEN 'not_open_or_wrong_code' END`,
        },
        sql`FROM bearer LEFT JOIN person ON true`,
      )}
    ), to_old AS (
      ${insertMail({ ...mail, id: mails.toOld, recipient: sql`old_email` }, sql`FROM person`)}
    ), to_new AS (
      ${insertMail({ ...mail, id: mails.toNew }, sql`FROM person`)}
    )`;
}

/** Forgets the change whose notice was mailed under this id; nothing happens when it waits no more. */
export async function cancelEmailChange(db: Db, noticeId: string, caller: Caller, now: Date): Promise<void> {
  const { rowCount } = await db.execute(sql`
    WITH change AS (
      DELETE FROM verification_tokens
      WHERE id = ${noticeId}::uuid AND purpose = 'change_email' AND used_at IS NULL
      RETURNING user_id
    )
    ${insertEvent({ kind: 'email.change_cancelled', caller, at: now, userId: sql`user_id` }, sql`FROM change`)}`);
  if (rowCount === 1) note(caller, { event: 'email.change_cancelled' });
}
