/**
 * The proof of a sign-up, judged under the lock of its address. A code is bound to its own sign-up. A link proves the
 * mailbox, whoever's sign-up it was mailed for: which of those that wait for that address becomes the account is said by
 * the id, which only its client has, or by its password. So a stranger's mail serves the owner and never the stranger.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import { lockAddress, lockAddressOf } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { isReservedFor } from './email-change-undo.ts';
import { event } from './events.ts';
import { LINK_TRIES } from './mail-lanes.ts';
import { liftSuppressionOf } from './mail-reports.ts';
import { deleteRivalsOf } from './signups.ts';
import { column, run, statement } from './statement.ts';

/** `codeMacs` are what the code may be stored under; `records` are all that a right password may be stored as. */
export type Proof =
  | { id: string; codeMacs: readonly Uint8Array[]; maxTries: number }
  | { id: string; tokenId: string }
  | { email: string; records: readonly string[]; tokenId: string };

type ByCode = Extract<Proof, { maxTries: number }>;
type ByLink = Extract<Proof, { tokenId: string }>;

/**
 * Judges the proof and makes the sign-up the account: its rivals are deleted with everything they own. A code's try is
 * counted, that of a decoy too, which nothing proves. True when this call did it, or an earlier one whose answer may
 * have been lost: a proof that was used is right for the rest of its life, and changes nothing.
 */
export async function proveSignup(db: Db, proof: Proof, caller: Caller, now: Date): Promise<boolean> {
  const maxTries = 'maxTries' in proof ? proof.maxTries : null;
  const proven = statement({
    parts: {
      repeated: used(proof, now),
      candidate: 'maxTries' in proof ? byCode(proof, now) : byLink(proof, now),
      judged: sql`
        UPDATE verification_tokens t SET tries = tries + ${maxTries === null ? 0 : 1},
          used_at = CASE WHEN fits
            AND NOT EXISTS (SELECT FROM users o WHERE o.email = candidate.email AND o.email_verified_at IS NOT NULL)
            AND NOT ${isReservedFor(sql`candidate.email`, sql`t.user_id`, now)}
            THEN ${instant(now)} END
        FROM candidate WHERE t.id = candidate.token_id
        RETURNING t.user_id AS id, candidate.email, t.used_at, t.tries`,
      account: sql`
        UPDATE users SET email_verified_at = ${instant(now)}, pending_expires_at = NULL
        FROM judged WHERE users.id = judged.id AND judged.used_at IS NOT NULL
        RETURNING users.id, users.email`,
      rivals: deleteRivalsOf(sql`account`),
      lifted: liftSuppressionOf(sql`email`, sql`account`),
      event: event(
        {
          kind: choose(sql`account.id IS NULL`, 'verify.failed', 'signup.verified'),
          caller,
          at: now,
          userId: sql`judged.id`,
          reason: choose(
            sql`account.id IS NOT NULL`,
            null,
            choose(sql`judged.id IS NULL`, 'records' in proof ? 'wrong_password' : 'not_open', 'wrong_code'),
          ),
        },
        sql`FROM (SELECT) one LEFT JOIN judged ON true LEFT JOIN account ON true
          WHERE NOT EXISTS (SELECT FROM repeated)`,
      ),
      exhausted: event(
        { kind: 'otp.exhausted', caller, at: now, userId: sql`id` },
        sql`FROM judged WHERE used_at IS NULL AND tries = ${maxTries}::int`,
      ),
    },
    select: sql`SELECT id FROM account UNION ALL SELECT id FROM repeated`,
    row: { id: column.uuid },
  });
  const lock = 'email' in proof ? lockAddress(proof.email) : lockAddressOf(proof.id);
  return (await run(db, proven, { caller, locks: [lock] })).length === 1;
}

/** Of the sign-up `u` and its token `t`: it waits for proof. */
const isWaiting = (now: Date): SQL => sql`
  (t.purpose = 'verify_email' AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    AND u.email_verified_at IS NULL AND u.pending_expires_at > ${instant(now)})`;

const byCode = (proof: ByCode, now: Date): SQL => sql`
  SELECT t.id AS token_id, u.email, ${hasCode(proof)} AS fits
  FROM verification_tokens t JOIN users u ON u.id = t.user_id
  WHERE u.id = ${proof.id}::uuid AND ${isWaiting(now)} AND t.code_expires_at > ${instant(now)}
    AND t.tries < ${proof.maxTries}`;

/** The person that this very proof has made of its sign-up before. */
const used = (proof: Proof, now: Date): SQL => sql`
  SELECT u.id FROM verification_tokens t JOIN users u ON u.id = t.user_id
  WHERE t.purpose = 'verify_email' AND t.used_at IS NOT NULL AND ${
    'maxTries' in proof
      ? sql`u.id = ${proof.id}::uuid AND t.code_expires_at > ${instant(now)} AND ${hasCode(proof)}`
      : sql`t.id = ${proof.tokenId}::uuid AND t.expires_at > ${instant(now)} AND ${isMeant(proof)}`
  }`;

const hasCode = ({ codeMacs }: ByCode): SQL => sql`t.code_mac IN (${sql.join(codeMacs.map(bytes), sql`, `)})`;

/** Of the sign-up `u`: it is the one that the client of a link means. */
const isMeant = (proof: ByLink): SQL =>
  'id' in proof
    ? sql`u.id = ${proof.id}::uuid`
    : sql`u.password_hash = ANY(${sql.param([...proof.records])}::text[])`;

/**
 * Of two sign-ups with one password, the one the link was mailed for, or else the newest: whoever made the other knows
 * the password as well.
 */
const byLink = (proof: ByLink, now: Date): SQL => sql`
  SELECT t.id AS token_id, u.email, true AS fits
  FROM (
    SELECT u.id, u.email FROM verification_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.id = ${proof.tokenId}::uuid AND ${isWaiting(now)}
  ) link JOIN users u ON u.email = link.email JOIN verification_tokens t ON t.user_id = u.id
  WHERE ${isWaiting(now)} AND ${isMeant(proof)}
  ORDER BY u.id = link.id DESC, u.created_at DESC, u.id DESC
  LIMIT 1`;

/**
 * Counts a try of the password that goes with a link, before anything is hashed, and gives the address the link was
 * mailed to. A link that was used keeps the tries it has left, while the password is still that of the sign-up. Undefined,
 * and recorded, when the link no longer works.
 */
export async function countLinkTry(
  db: Db,
  tokenId: string,
  caller: Caller,
  now: Date,
): Promise<string | undefined> {
  const counted = statement({
    parts: {
      link: sql`
        UPDATE verification_tokens t SET link_tries = link_tries + 1
        FROM users u
        WHERE t.id = ${tokenId}::uuid AND u.id = t.user_id AND t.link_tries < ${LINK_TRIES} AND (${isWaiting(now)}
          OR t.purpose = 'verify_email' AND t.expires_at > ${instant(now)} AND u.password_changed_at <= t.used_at)
        RETURNING u.email`,
      failed: event(
        { kind: 'verify.failed', caller, at: now, reason: 'not_open' },
        sql`WHERE NOT EXISTS (SELECT FROM link)`,
      ),
    },
    select: sql`SELECT email FROM link`,
    row: { email: column.text },
  });
  const [link] = await run(db, counted, { caller });
  return link?.email;
}
