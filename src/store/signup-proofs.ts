/**
 * Proves a sign-up, under the lock of its address. A code belongs to one sign-up. A link only proves the mailbox,
 * since a stranger's sign-up may have caused that mail. So the client of a link must also say which of the waiting
 * sign-ups becomes the account: by its id, which only that client has, or by its password. A mail that a stranger
 * caused then helps the owner, and never the stranger.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import { lockAddress, lockAddressOf } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { isReservedFor } from './email-change-undo.ts';
import { event } from './events.ts';
import { importedRecordOf } from './logins.ts';
import { LINK_TRIES } from './mail-lanes.ts';
import { liftSuppressionOf } from './mail-reports.ts';
import { deleteRivalsOf } from './signups.ts';
import { column, run, statement } from './statement.ts';

/**
 * `codeMacs` are the MACs under which the code may be stored. `records` are all records that a right password may be
 * stored as.
 */
export type Proof =
  | { id: string; codeMacs: readonly Uint8Array[]; maxTries: number }
  | { id: string; tokenId: string }
  | { email: string; records: readonly string[]; tokenId: string };

type ByCode = Extract<Proof, { maxTries: number }>;
type ByLink = Extract<Proof, { tokenId: string }>;

/**
 * Checks the proof and makes the sign-up the account; the other sign-ups of the address are deleted with everything
 * they own. The try of a code is counted, also for a decoy, which nothing proves. True when this call did it, or an
 * earlier call with the same proof whose answer may have been lost.
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

/** A condition on a sign-up `u` and its token `t`: it waits for proof. */
const isWaiting = (now: Date): SQL => sql`
  (t.purpose = 'verify_email' AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    AND u.email_verified_at IS NULL AND u.disabled_at IS NULL AND u.pending_expires_at > ${instant(now)})`;

const byCode = (proof: ByCode, now: Date): SQL => sql`
  SELECT t.id AS token_id, u.email, ${hasCode(proof)} AS fits
  FROM verification_tokens t JOIN users u ON u.id = t.user_id
  WHERE u.id = ${proof.id}::uuid AND ${isWaiting(now)} AND t.code_expires_at > ${instant(now)}
    AND t.tries < ${proof.maxTries}`;

/** The account that this same proof has made before. */
const used = (proof: Proof, now: Date): SQL => sql`
  SELECT u.id FROM verification_tokens t JOIN users u ON u.id = t.user_id
  WHERE t.purpose = 'verify_email' AND t.used_at IS NOT NULL AND u.disabled_at IS NULL AND ${
    'maxTries' in proof
      ? sql`u.id = ${proof.id}::uuid AND t.code_expires_at > ${instant(now)} AND ${hasCode(proof)}`
      : sql`t.id = ${proof.tokenId}::uuid AND t.expires_at > ${instant(now)} AND ${isMeant(proof)}`
  }`;

const hasCode = ({ codeMacs }: ByCode): SQL => sql`t.code_mac IN (${sql.join(codeMacs.map(bytes), sql`, `)})`;

/** A condition on a sign-up `u`: the client of the link means this one. */
const isMeant = (proof: ByLink): SQL =>
  'id' in proof
    ? sql`u.id = ${proof.id}::uuid`
    : sql`u.password_hash = ANY(${sql.param([...proof.records])}::text[])`;

/**
 * When two sign-ups have the same password, the one that the link was mailed for wins, or else the newest. Nobody
 * loses: whoever made the other one knows the password too.
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
 * Counts a try of the password that goes with a link, before anything is hashed. Gives the address that the link was
 * mailed to, and the record of the imported sign-up that waits for its proof. A used link keeps its remaining tries while the password is still that of the sign-up. Undefined, and
 * recorded, when the link does not work any more.
 */
export async function countLinkTry(
  db: Db,
  tokenId: string,
  caller: Caller,
  now: Date,
): Promise<{ email: string; imported: string | null } | undefined> {
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
    select: sql`SELECT email, ${importedRecordOf(sql`link.email`, now)} AS imported FROM link`,
    row: { email: column.text, imported: column.text.nullable() },
  });
  const [link] = await run(db, counted, { caller });
  return link;
}
