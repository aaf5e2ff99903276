/**
 * Proof by a second factor, in SQL. A code of an authenticator app is spent by the step it belongs to: neither it nor an
 * older one is accepted again (RFC 6238 section 5.2). A recovery code is spent by its bit. Both are judged in the
 * statement that they open something in, so of any number of requests at the same time one wins.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import type { EventReason } from '../event-kinds.ts';
import type { Sealed } from '../lib/sealed.ts';
import { bytes, instant } from './db.ts';
import { event } from './events.ts';
import { codesLeft } from './factors.ts';
import { insertMail } from './outbox.ts';
import { isPasskeyUsable, passkey, passkeyJson, type UsedPasskey, usePasskey } from './passkey-proof.ts';
import type { Parts } from './statement.ts';

/** What an answer is judged by. Read in the first trip, and never sent to anybody. */
export const factorMaterial = z.object({
  totp: z
    .object({
      sealed: z.base64().transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))),
      keyId: z.string(),
      lastStep: z.coerce.number(),
    })
    .nullable(),
  recovery: z.object({ setId: z.string(), keyId: z.string(), used: z.number() }).nullable(),
  /** The one that the answer names, if it is one of the person. */
  passkey: passkey.nullable(),
});

export type FactorMaterial = z.output<typeof factorMaterial>;

/** `factorMaterial` as JSON, of the row `alias` of `users`. */
export const factorMaterialOf = (alias: string, credentialId?: Uint8Array): SQL => {
  const id = sql`${sql.raw(alias)}.id`;
  return sql`jsonb_build_object(
    'totp', (SELECT jsonb_build_object('sealed', translate(encode(f.sealed, 'base64'), E'\\n', ''), 'keyId', f.key_id,
      'lastStep', f.last_step) FROM totp_factors f WHERE f.user_id = ${id}),
    'recovery', (SELECT jsonb_build_object('setId', f.set_id, 'keyId', f.key_id, 'used', f.used)
      FROM recovery_codes f WHERE f.user_id = ${id}),
    'passkey', ${
      credentialId
        ? sql`(SELECT ${passkeyJson(alias)} FROM passkeys k
            WHERE k.credential_id = ${bytes(credentialId)} AND k.user_id = ${id})`
        : sql`NULL`
    })`;
};

/** What a right answer uses up. */
export type FactorSpend =
  /** `resealed`: the same secret under the newest key, when an older one had sealed it. */
  | { method: 'totp'; step: number; resealed: Sealed | undefined }
  | { method: 'recovery'; setId: string; index: number }
  | { method: 'passkey'; used: UsedPasskey };

/** Also: a ticket, which says that one of them, or a password, was proven for one act (factor/step-up.ts). */
export type Spend = FactorSpend | { method: 'ticket'; id: string };

const bitOf = ({ index }: { index: number }): SQL => sql`(1 << ${index}::int)`;

/**
 * A part of a statement: uses it up, and gives `id` and `email` of the person. No row when it is used up already, or
 * when `isPerson`, a condition on `users`, does not hold.
 */
export function spendFactor(spend: FactorSpend, isPerson: SQL): SQL {
  if (spend.method === 'passkey') return usePasskey(spend.used, isPerson);
  if (spend.method === 'totp') {
    const { step, resealed } = spend;
    return sql`
      UPDATE totp_factors f SET last_step = ${step}::bigint${
        resealed ? sql`, sealed = ${bytes(resealed.bytes)}, key_id = ${resealed.keyId}` : sql``
      }
      FROM users WHERE f.user_id = users.id AND f.last_step < ${step}::bigint AND ${isPerson}
      RETURNING users.id, users.email`;
  }
  return sql`
    UPDATE recovery_codes f SET used = f.used | ${bitOf(spend)}
    FROM users WHERE f.user_id = users.id AND f.set_id = ${spend.setId}::uuid AND f.used & ${bitOf(spend)} = 0
      AND ${isPerson}
    RETURNING users.id, users.email, ${codesLeft(sql`f.used`)} AS codes_left`;
}

/** A condition on `users`: it is not used up yet. For statements that come after the lock of the person. */
export function isUnspent(spend: Spend): SQL {
  switch (spend.method) {
    case 'totp':
      return sql`EXISTS (SELECT FROM totp_factors f WHERE f.user_id = users.id AND f.last_step < ${spend.step}::bigint)`;
    case 'recovery':
      return sql`EXISTS (SELECT FROM recovery_codes f WHERE f.user_id = users.id AND f.set_id = ${spend.setId}::uuid
        AND f.used & ${bitOf(spend)} = 0)`;
    case 'passkey':
      return isPasskeyUsable(spend.used);
    case 'ticket':
      return sql`NOT EXISTS (SELECT FROM security_events WHERE id = ${spend.id}::uuid)`;
  }
}

/** Parts that follow `spendFactor` for a recovery code: its event, and a mail that says how many are left. */
export function tellOfRecovery(
  spent: string,
  { eventId, mailId, sessionId }: { eventId: string; mailId: string; sessionId: string },
  caller: Caller,
  now: Date,
): Parts {
  const from = sql`FROM ${sql.raw(spent)}`;
  return {
    recovery: event(
      {
        id: eventId,
        kind: 'recovery.used',
        caller,
        at: now,
        userId: sql`id`,
        sessionId: sql`${sessionId}`,
        reason: sql<EventReason>`codes_left || '_left'`,
      },
      from,
    ),
    recovery_mail: insertMail(
      { id: mailId, kind: 'recovery_code_used', userId: sql`id`, recipient: sql`email`, eventId, at: now },
      from,
    ),
  };
}

/** A condition on `users`: as they were when a ticket or a first trip spoke of them. */
export const isUnchanged = ({
  userId,
  passwordChangedAt,
  mfaEpoch,
}: {
  userId: string;
  passwordChangedAt: Date;
  mfaEpoch: number;
}): SQL => sql`
  users.id = ${userId}::uuid AND users.password_changed_at = ${instant(passwordChangedAt)}
    AND users.mfa_epoch = ${mfaEpoch}::int`;
