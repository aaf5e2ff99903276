/**
 * A change of address that waits (email-change-request.ts) is made by the proof of the new mailbox, or cancelled from
 * the old one.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { lockAddressOfChange } from './address-lock.ts';
import { bytes, type Db, instant, sqlState } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { type Bearer, isLiveSession } from './users.ts';

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
  const mail = { kind: 'email_changed' as const, userId: sql`id`, eventId, at: now };
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
      ${insertMail({ ...mail, id: mails.toNew, recipient: sql`email` }, sql`FROM person`)}
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
