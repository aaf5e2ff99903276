/**
 * A login of somebody who must have a second factor and has none (MFA_REQUIRED). The right password opens no session: it
 * owes a code, which goes to the address of the account. Only with that code an authenticator app is added, so whoever
 * knows nothing but the password adds none. The session opens in the statement that adds the app.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { Sealed } from '../lib/sealed.ts';
import { later } from '../lib/time.ts';
import { clearTry } from './attempt-results.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { type Challenge, isOpen } from './factor-logins.ts';
import { isUnchanged } from './factor-proof.ts';
import type { CountedTry } from './logins.ts';
import { CODE_SECONDS, CODES_A_DAY } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { judgedBy, type Proof } from './proof.ts';
import { newSet } from './recovery-codes.ts';
import type { MailedCode } from './signups.ts';
import { column, run, statement } from './statement.ts';
import { insertTotp, type NewCodes } from './totp-factors.ts';

/** `id` is that of the waiting code, which the ticket carries. */
export type NewEnrolment = { id: string; userId: string; code: MailedCode; recipientKey: Uint8Array };

/**
 * Instead of `openSession`: one trip as well. Undefined if the proof does not hold. `waitSeconds` is null when the code is
 * owed; else so many codes were mailed in a day that there is no other before. A change of the password begins that day
 * anew, or a thief could use the codes up and keep the owner out.
 */
export async function withholdForEnrolment(
  db: Db,
  proof: Proof,
  mfaEpoch: number,
  enrolment: NewEnrolment,
  caller: Caller,
  now: Date,
): Promise<{ waitSeconds: number | null } | undefined> {
  const { userId, code } = enrolment;
  const eventId = uuidv7();
  const withheld = statement({
    parts: {
      ...judgedBy(proof, mfaEpoch),
      ...proof.withheld,
      lane: sql`
        SELECT count(o.id) < ${CODES_A_DAY}::int AS fits, min(o.created_at) AS oldest
        FROM judged JOIN users ON users.id = judged.id
        LEFT JOIN email_outbox o ON o.user_id = users.id AND o.kind = 'enrol_factor' AND o.status <> 'skipped'
          AND o.created_at > GREATEST(${instant(later(now, -CODE_SECONDS))}, users.password_changed_at)`,
      token: insertWaiting(enrolment, now),
      request: event(
        {
          id: eventId,
          kind: 'mfa.enrolment_requested',
          caller,
          at: now,
          userId: sql`judged.id`,
          reason: choose(sql`fits`, null, 'mail_budget'),
        },
        sql`FROM judged, lane`,
      ),
      mail: insertMail(
        {
          id: code.mailId,
          kind: 'enrol_factor',
          userId: sql`judged.id`,
          recipient: sql`judged.email`,
          eventId,
          at: now,
          skipped: choose(sql`fits`, null, 'budget'),
        },
        sql`FROM judged, lane`,
      ),
    },
    select: sql`
      SELECT CASE WHEN NOT fits
        THEN GREATEST(1, ceil(extract(epoch FROM oldest - ${instant(later(now, -CODE_SECONDS))})))::int END AS "waitSeconds"
      FROM judged, lane`,
    row: { waitSeconds: column.integer.nullable() },
  });
  const [row] = await run(db, withheld, { caller, locks: [lockPerson(userId)] });
  return row;
}

/** The code of `judged`. A newer one makes it void; one that is not mailed does not. */
const insertWaiting = ({ id, code, recipientKey }: NewEnrolment, now: Date): SQL => sql`
  INSERT INTO verification_tokens (id, user_id, purpose, email, recipient_key, mail_id, key_id, code_mac,
    code_expires_at, expires_at, created_at)
  SELECT ${id}::uuid, judged.id, 'enrol', judged.email, ${bytes(recipientKey)}, ${code.mailId}::uuid, ${code.keyId},
    ${bytes(code.mac)}, ${instant(code.expiresAt)}, ${instant(code.expiresAt)}, ${instant(now)}
  FROM judged, lane WHERE fits
  ON CONFLICT (user_id, purpose) DO UPDATE SET id = EXCLUDED.id, email = EXCLUDED.email,
    recipient_key = EXCLUDED.recipient_key, mail_id = EXCLUDED.mail_id, key_id = EXCLUDED.key_id,
    code_mac = EXCLUDED.code_mac, code_expires_at = EXCLUDED.code_expires_at, expires_at = EXCLUDED.expires_at,
    created_at = EXCLUDED.created_at, tries = 0, used_at = NULL`;

/** Who has the ticket: `id` is that of the code. */
export type Enrolling = Omit<Challenge, 'sessionId'> & { id: string };

/**
 * Counts the try and judges the code, in one statement behind the lock of the person. It counts only for the ticket that
 * it was mailed for, at the address that the person still has. Gives the address; undefined when it is refused.
 */
export async function takeEnrolmentCode(
  db: Db,
  enrolling: Enrolling,
  { codeMacs, maxTries }: { codeMacs: Uint8Array[]; maxTries: number },
  caller: Caller,
  now: Date,
): Promise<string | undefined> {
  const about = { caller, at: now, userId: sql`person.id` };
  const taken = statement({
    parts: {
      person: sql`
        SELECT id, email FROM users
        WHERE ${isUnchanged(enrolling)} AND email_verified_at IS NOT NULL AND disabled_at IS NULL`,
      judged: sql`
        UPDATE verification_tokens t SET tries = tries + 1,
          used_at = CASE WHEN code_mac IN (${sql.join(codeMacs.map(bytes), sql`, `)}) THEN ${instant(now)} END
        FROM person
        WHERE t.id = ${enrolling.id}::uuid AND t.user_id = person.id AND t.purpose = 'enrol' AND t.email = person.email
          AND t.used_at IS NULL AND t.code_expires_at > ${instant(now)} AND t.tries < ${maxTries}
        RETURNING t.used_at, t.tries`,
      failed: event(
        { kind: 'mfa.enrolment_failed', ...about, reason: 'not_open_or_wrong_code' },
        sql`FROM person LEFT JOIN judged ON true WHERE judged.used_at IS NULL`,
      ),
      exhausted: event(
        { kind: 'otp.exhausted', ...about },
        sql`FROM person, judged WHERE judged.used_at IS NULL AND judged.tries = ${maxTries}`,
      ),
    },
    select: sql`SELECT person.email FROM person, judged WHERE judged.used_at IS NOT NULL`,
    row: { email: column.text },
  });
  const [row] = await run(db, taken, { caller, locks: [lockPerson(enrolling.userId)] });
  return row?.email;
}

/**
 * The proof by password, mailed code and a code of the new app, for the statement that opens the session (sessions.ts):
 * it adds the app too, with a new set of recovery codes. Nothing is added for whoever has a factor by now.
 */
export function enrolmentProof(
  challenge: Challenge,
  { sealed, step }: { sealed: Sealed; step: number },
  codes: NewCodes,
  { counters, isKnownDevice }: CountedTry,
  caller: Caller,
  now: Date,
): Proof {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const about = { caller, at: now, userId: sql`id`, sessionId: sql`${challenge.sessionId}` };
  return {
    proven: sql`
      SELECT id, email FROM users WHERE ${isOpen(challenge)}
        AND NOT EXISTS (SELECT FROM totp_factors f WHERE f.user_id = users.id)
        AND NOT EXISTS (SELECT FROM passkeys f WHERE f.user_id = users.id)`,
    opening: {
      person: sql`
        UPDATE users SET mfa_epoch = mfa_epoch + 1 FROM judged WHERE users.id = judged.id
        RETURNING users.id, users.email`,
      factor: insertTotp(sealed, step, now),
      codes: newSet(codes, sql`person`, now),
      enabling: event({ id: eventId, kind: 'mfa.enabled', ...about }, sql`FROM person`),
      mail: insertMail(
        { id: mailId, kind: 'mfa_enabled', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
      // The password was right as well, in the request that gave the first ticket.
      cleared: sql`${clearTry(counters, isKnownDevice, now, true)} AND EXISTS (SELECT FROM judged)`,
    },
    withheld: {},
    mails: [mailId],
  };
}
