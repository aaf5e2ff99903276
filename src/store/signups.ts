/**
 * Sign-ups: pending rows of `users` and the proof each waits for. Everything here happens under the lock of the
 * address, so of all sign-ups for one address exactly one ever becomes the account.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Budget } from '../lib/budgets.ts';
import { lockAddress, lockAddressOf } from './address-lock.ts';
import { bytes, type Db, instant } from './db.ts';
import { type Caller, type EventKind, insertEvent, note } from './events.ts';
import { type RecipientKeys, recipientFits } from './mail-budget.ts';
import { insertMail } from './outbox.ts';

export type NewSignup = {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  expiresAt: Date;
  tokenId: string;
  code: MailedCode;
  recipientKeys: RecipientKeys;
};

/** A code as the database knows it: which mail carries it, which key derives it, and how to recognise it. */
export type MailedCode = { mailId: string; keyId: string; mac: Uint8Array; expiresAt: Date };

/**
 * Writes the sign-up, its proof and its mail. When the address has an account the mail is a notice to the owner
 * instead, so that nobody is ever sent the proof. One trip, one mail and one event either way. Past the mail budget
 * no mail is owed, and a code that nobody was sent is void from the start: nobody can guess at it either.
 */
export async function addSignup(
  db: Db,
  signup: NewSignup,
  mailBudget: readonly Budget[],
  caller: Caller,
  now: Date,
): Promise<void> {
  const { id, code, email, recipientKeys } = signup;
  const recipientKey = bytes(recipientKeys[0]);
  const [, { rows }] = await db.batch([
    db.execute(lockAddress(email)),
    db.execute<{ kind: EventKind; user_id: string }>(sql`
      WITH budget AS (
        SELECT ${recipientFits(recipientKeys, mailBudget, now)} AS fits
      ), owner AS (
        SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL
      ), pending AS (
        INSERT INTO users
          (id, email, name, password_hash, password_changed_at, pending_expires_at, locale, created_at)
        VALUES (${id}::uuid, ${email}, ${signup.name}, ${signup.passwordHash}, ${instant(now)},
          ${instant(signup.expiresAt)}, ${caller.locale ?? 'en'}, ${instant(now)})
        RETURNING id
      ), token AS (
        INSERT INTO verification_tokens
          (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
        SELECT ${signup.tokenId}::uuid, id, 'verify_email', ${recipientKey}, ${code.mailId}::uuid, ${code.keyId},
          ${bytes(code.mac)}, CASE WHEN fits THEN ${instant(code.expiresAt)} ELSE ${instant(now)} END, ${instant(signup.expiresAt)},
          ${instant(now)}
        FROM pending, budget
      ), addressee AS (
        SELECT id, 'already_registered' AS mail, 'signup.existing_notice' AS event FROM owner
        UNION ALL
        SELECT id, 'verify_email', 'signup.requested' FROM pending WHERE NOT EXISTS (SELECT FROM owner)
      ), mail AS (
        ${insertMail(
          {
            id: code.mailId,
            kind: sql`mail`,
            userId: sql`id`,
            recipient: sql`${email}`,
            recipientKey,
            at: now,
          },
          sql`FROM addressee, budget WHERE fits`,
        )}
      )
      ${insertEvent(
        {
          kind: sql`event`,
          caller,
          at: now,
          userId: sql`id`,
          reason: sql`CASE WHEN NOT fits THEN 'mail_budget' END`,
        },
        sql`FROM addressee, budget`,
      )}
      RETURNING kind, user_id`),
  ]);
  for (const row of rows) note(caller, { event: row.kind, userId: row.user_id });
}

/** What the caller shows as proof of the mailbox: a code, by its possible MACs, or a link token, by its row. */
export type Proof = { codeMacs: Uint8Array[]; maxTries: number } | { tokenId: string };

/**
 * Judges the proof, counting the try, also of a decoy, which nothing proves, and makes the sign-up the account: its rivals are deleted with everything
 * they own. True when this call did it, or an earlier one whose answer may have been lost: a proof that was used is right
 * for the rest of its life, and changes nothing.
 */
export async function proveSignup(
  db: Db,
  id: string,
  proof: Proof,
  caller: Caller,
  now: Date,
): Promise<boolean> {
  const statement = sql`
    WITH repeated AS (
      SELECT FROM verification_tokens t
      WHERE t.user_id = ${id}::uuid AND t.purpose = 'verify_email' AND t.used_at IS NOT NULL
        AND ${isAlive(proof, now)} AND ${fits(proof)}
    ), judged AS (
      UPDATE verification_tokens t
      SET tries = tries + 1, used_at = CASE WHEN ${fits(proof)}
        AND NOT EXISTS (SELECT FROM users o WHERE o.email = u.email AND o.email_verified_at IS NOT NULL)
        THEN ${instant(now)} END
      FROM users u
      WHERE t.user_id = ${id}::uuid AND t.purpose = 'verify_email' AND t.used_at IS NULL AND ${isOpen(proof, now)}
        AND u.id = t.user_id AND u.email_verified_at IS NULL AND u.pending_expires_at > ${instant(now)}
      RETURNING u.id, u.email, t.used_at
    ), account AS (
      UPDATE users SET email_verified_at = ${instant(now)}, pending_expires_at = NULL
      FROM judged WHERE users.id = judged.id AND judged.used_at IS NOT NULL
      RETURNING users.id, users.email
    ), rivals AS (
      DELETE FROM users USING account
      WHERE users.email = account.email AND users.email_verified_at IS NULL AND users.id <> account.id
    ), event AS (
      ${insertEvent(
        {
          kind: sql`CASE WHEN account.id IS NULL THEN 'verify.failed' ELSE 'signup.verified' END`,
          caller,
          at: now,
          userId: sql`judged.id`,
          reason: sql`CASE WHEN judged.id IS NULL THEN 'not_open' WHEN account.id IS NULL THEN 'wrong_code' END`,
        },
        sql`FROM (SELECT) one LEFT JOIN judged ON true LEFT JOIN account ON true
          WHERE NOT EXISTS (SELECT FROM repeated)`,
      )}
    )
    SELECT EXISTS (SELECT FROM account) AS proven, EXISTS (SELECT FROM repeated) AS repeated`;
  const [, { rows }] = await db.batch([
    db.execute(lockAddressOf(id)),
    db.execute<{ proven: boolean; repeated: boolean }>(statement),
  ]);
  if (rows[0]?.repeated) return true;
  const isProven = rows[0]?.proven === true;
  note(caller, isProven ? { event: 'signup.verified', userId: id } : { event: 'verify.failed' });
  return isProven;
}

const fits = (proof: Proof): SQL =>
  'tokenId' in proof ? sql`true` : sql`t.code_mac IN (${sql.join(proof.codeMacs.map(bytes), sql`, `)})`;

const isAlive = (proof: Proof, now: Date): SQL =>
  'tokenId' in proof
    ? sql`t.id = ${proof.tokenId}::uuid AND t.expires_at > ${instant(now)}`
    : sql`t.code_expires_at > ${instant(now)}`;

/** Tries are those of the code: a link cannot be guessed. */
const isOpen = (proof: Proof, now: Date): SQL =>
  'tokenId' in proof ? isAlive(proof, now) : sql`${isAlive(proof, now)} AND t.tries < ${proof.maxTries}`;

/**
 * Counts a try of the password that goes with a link, and reads what it is judged by. A link that was used keeps the tries
 * it has left, while the password is still that of the sign-up.
 */
export async function countLinkTry(
  db: Db,
  tokenId: string,
  maxTries: number,
  now: Date,
): Promise<{ userId: string; email: string; passwordHash: string } | undefined> {
  const { rows } = await db.execute<{ id: string; email: string; password_hash: string }>(sql`
    UPDATE verification_tokens t SET tries = tries + 1
    FROM users u
    WHERE t.id = ${tokenId}::uuid AND t.expires_at > ${instant(now)} AND t.tries < ${maxTries} AND u.id = t.user_id
      AND CASE WHEN t.used_at IS NULL THEN u.email_verified_at IS NULL ELSE u.password_changed_at <= t.used_at END
    RETURNING u.id, u.email, u.password_hash`);
  const [row] = rows;
  return row && { userId: row.id, email: row.email, passwordHash: row.password_hash };
}
