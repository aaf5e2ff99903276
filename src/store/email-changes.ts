/**
 * The second step of a change of address (the first is email-change-request.ts): the code from the new mailbox makes
 * the change. The old mailbox can undo it for a while (email-change-undo.ts). Its address is reserved until then.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import { lockAddressOfChange } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant, sqlState } from './db.ts';
import { isReservedFor } from './email-change-undo.ts';
import { event } from './events.ts';
import { isLiveSession } from './live-session.ts';
import { liftSuppressionOf } from './mail-reports.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { deleteRivalsOf } from './signups.ts';
import { column, run, statement } from './statement.ts';

/** `gone`: the session of the bearer has ended. */
export type EmailChange = 'changed' | 'refused' | 'gone';

/**
 * The ids of the two mails about the change, to the old address and to the new one, and until when the old one can
 * undo it.
 */
export type ChangeTerms = { mails: { toOld: string; toNew: string }; undoUntil: Date };

type CodeProof = { codeMacs: Uint8Array[]; maxTries: number };

const UNIQUE_VIOLATION = '23505';

/**
 * Checks the code, counts the try, and makes the new address that of the person, unless somebody else has it by now.
 * Everything else that waited for that address ends, and so do the other sessions and the links mailed to the old
 * address. Requests about one address run one after the other, and the unique index has the last word.
 */
export async function confirmEmailChange(
  db: Db,
  bearer: Bearer,
  proof: CodeProof,
  terms: ChangeTerms,
  caller: Caller,
  now: Date,
): Promise<EmailChange> {
  const confirm = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(bearer, now)}`,
      judged: judge(bearer, proof, now),
      person: sql`
        UPDATE users SET email = judged.email, password_hash = judged.password_hash, email_verified_at = ${instant(now)}
        FROM judged, (SELECT id, email FROM users WHERE id = ${bearer.userId}::uuid) before
        WHERE users.id = judged.user_id AND before.id = users.id AND judged.used_at IS NOT NULL
        RETURNING users.id, users.email, before.email AS old_email`,
      undo: insertUndo(terms, now),
      ...endTheRest(bearer, now),
      lifted: liftSuppressionOf(sql`email`, sql`person`),
      ...record(bearer, terms, caller, now),
      exhausted: event(
        { kind: 'otp.exhausted', caller, at: now, userId: sql`user_id`, sessionId: sql`${bearer.sessionId}` },
        sql`FROM judged WHERE used_at IS NULL AND tries = ${proof.maxTries}`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM bearer) AS "isLive", EXISTS (SELECT FROM person) AS "isChanged"`,
    row: { isLive: column.boolean, isChanged: column.boolean },
  });
  try {
    const locks = [lockAddressOfChange(bearer.userId), lockPerson(bearer.userId)];
    const [answer] = await run(db, confirm, { caller, locks });
    if (!answer?.isLive) return 'gone';
    return answer.isChanged ? 'changed' : 'refused';
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'refused';
    throw error;
  }
}

/** The waiting change, with this try counted. It is used up when the code fits and the address is still free. */
const judge = (bearer: Bearer, proof: CodeProof, now: Date): SQL => sql`
  UPDATE verification_tokens t SET tries = tries + 1,
    used_at = CASE WHEN code_mac IN (${sql.join(proof.codeMacs.map(bytes), sql`, `)})
      AND NOT EXISTS (SELECT FROM users o WHERE o.email = t.email AND o.email_verified_at IS NOT NULL)
      AND NOT ${isReservedFor(sql`t.email`, sql`t.user_id`, now)}
      THEN ${instant(now)} END
  FROM bearer
  WHERE t.user_id = ${bearer.userId}::uuid AND t.purpose = 'change_email' AND t.used_at IS NULL
    AND t.code_expires_at > ${instant(now)} AND t.tries < ${proof.maxTries}
  RETURNING t.id, t.user_id, t.email, t.password_hash, t.used_at, t.tries`;

/**
 * The undo, under the id of the notice whose link is in the old mailbox. While an earlier change can still be undone,
 * the new undo restores the same address as the earlier one. So a thief cannot cut the owner off by further changes.
 */
const insertUndo = ({ mails, undoUntil }: ChangeTerms, now: Date): SQL => sql`
  INSERT INTO email_change_undos (id, mail_id, user_id, email, expires_at, created_at)
  SELECT judged.id, ${mails.toOld}::uuid, person.id, COALESCE((
      SELECT o.email FROM email_change_undos o
      WHERE o.user_id = person.id AND o.expires_at > ${instant(now)} AND o.email <> person.email
      ORDER BY o.created_at LIMIT 1), person.old_email),
    ${instant(undoUntil)}, ${instant(now)}
  FROM judged JOIN person ON person.id = judged.user_id`;

/** What a change ends: other requests for the address, reset links to the old address, other sessions. */
const endTheRest = (bearer: Bearer, now: Date) => ({
  rivals: deleteRivalsOf(sql`person`),
  changes: sql`
    DELETE FROM verification_tokens t USING person
    WHERE t.purpose = 'change_email' AND t.email = person.email AND t.user_id <> person.id`,
  links: sql`DELETE FROM password_reset_tokens USING person WHERE user_id = person.id`,
  ended: sql`
    UPDATE user_sessions s SET revoked_at = ${instant(now)}, revoked_reason = 'email_changed' FROM person
    WHERE s.user_id = person.id AND s.id <> ${bearer.sessionId}::uuid AND s.revoked_at IS NULL`,
});

/** The event of a change or of a failure, and the two mails of a change. */
function record(bearer: Bearer, { mails }: ChangeTerms, caller: Caller, now: Date) {
  const eventId = uuidv7();
  const mail = { kind: 'email_changed' as const, userId: sql`id`, eventId, at: now };
  const isRefused = sql`person.id IS NULL`;
  return {
    happened: event(
      {
        id: eventId,
        kind: choose(isRefused, 'email.change_failed', 'email.changed'),
        caller,
        at: now,
        userId: sql`${bearer.userId}`,
        sessionId: sql`${bearer.sessionId}`,
        reason: choose(isRefused, 'not_open_or_wrong_code', null),
      },
      sql`FROM bearer LEFT JOIN person ON true`,
    ),
    to_old: insertMail({ ...mail, id: mails.toOld, recipient: sql`old_email` }, sql`FROM person`),
    to_new: insertMail({ ...mail, id: mails.toNew, recipient: sql`email` }, sql`FROM person`),
  };
}
