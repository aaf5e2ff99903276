/**
 * Proof by a passkey, in SQL. The signature is judged before (factor/webauthn.ts). The statement that acts on it takes
 * the counter of the passkey along, so of two answers with the same counter one wins.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { instant } from './db.ts';

const base64Bytes = z.base64().transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')));

/** What the use of a passkey is judged by. */
export const passkey = z.object({
  id: z.string(),
  publicKey: base64Bytes,
  counter: z.coerce.number(),
  isBackupEligible: z.boolean(),
  /** Of the person. */
  userHandle: base64Bytes,
});

export type StoredPasskey = z.output<typeof passkey>;

/** `passkey` as JSON: of the row `k` of `passkeys`, and the row `alias` of `users`. */
export const passkeyJson = (alias: string): SQL => sql`jsonb_build_object(
  'id', k.id, 'publicKey', ${base64(sql`k.public_key`)}, 'counter', k.counter, 'isBackupEligible', k.backup_eligible,
  'userHandle', ${base64(sql`${sql.raw(alias)}.passkey_handle`)})`;

const base64 = (bytea: SQL): SQL => sql`translate(encode(${bytea}, 'base64'), E'\\n', '')`;

/** Why the use of a passkey is refused. `counter_back`: something else has its private key, or a copy of the device. */
export type PasskeyFailure =
  | 'unknown_passkey'
  | 'wrong_passkey'
  | 'wrong_challenge'
  | 'wrong_origin'
  | 'counter_back';

/** A passkey that was used: what its authenticator said. */
export type UsedPasskey = { id: string; counter: number; isBackedUp: boolean; at: Date };

/**
 * Whether the counter is the next one (WebAuthn section 6.1.1). Zero twice: the authenticator has none. A passkey that its
 * provider copies has many devices, whose counters say nothing about each other.
 */
export const isNext = (
  { counter, isBackupEligible }: Pick<StoredPasskey, 'counter' | 'isBackupEligible'>,
  now: number,
): boolean => isBackupEligible || now > counter || (now === 0 && counter === 0);

/** `isNext` in SQL, of the row `k` of `passkeys`. */
const isNextOf = (counter: number): SQL =>
  sql`(k.backup_eligible OR ${counter}::bigint > k.counter OR (${counter}::bigint = 0 AND k.counter = 0))`;

/**
 * A part of a statement: takes the use, and gives `id` and `email` of the person. No row when the passkey is gone, its
 * counter was used meanwhile, or `isPerson`, a condition on `users`, does not hold.
 */
export const usePasskey = ({ id, counter, isBackedUp, at }: UsedPasskey, isPerson: SQL): SQL => sql`
  UPDATE passkeys k SET counter = ${counter}::bigint, backed_up = ${isBackedUp}::boolean, last_used_at = ${instant(at)}
  FROM users WHERE k.id = ${id}::uuid AND k.user_id = users.id AND ${isNextOf(counter)} AND ${isPerson}
  RETURNING users.id, users.email`;

/** A condition on `users`: the passkey can still be used so. For statements that come after the lock of the person. */
export const isPasskeyUsable = ({ id, counter }: UsedPasskey): SQL => sql`
  EXISTS (SELECT FROM passkeys k WHERE k.id = ${id}::uuid AND k.user_id = users.id AND ${isNextOf(counter)})`;
