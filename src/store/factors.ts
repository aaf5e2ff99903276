/** Which second factors a person has, as a column of any statement about them. Whether one is owed: session/grant.ts. */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';

export const RECOVERY_CODES = 10;

export const factors = z.object({
  /** An authenticator app. */
  totp: z.boolean(),
  passkeys: z.number(),
  /** How many of them are not used. */
  recoveryCodes: z.number(),
  /** Whether the person wants a login by password to need one of the passkeys. */
  isRequired: z.boolean(),
});

export type Factors = z.output<typeof factors>;

/** How many recovery codes are left, of a row of `recovery_codes`. */
export const codesLeft = (used: SQL): SQL => sql`${RECOVERY_CODES}::int - bit_count(${used}::bit(32))::int`;

/** `factors` as JSON, of the row `alias` of `users`. */
export const factorsOf = (alias: string): SQL => {
  const id = sql`${sql.raw(alias)}.id`;
  return sql`jsonb_build_object(
    'totp', EXISTS (SELECT FROM totp_factors f WHERE f.user_id = ${id}),
    'passkeys', (SELECT count(*) FROM passkeys f WHERE f.user_id = ${id}),
    'recoveryCodes', COALESCE((SELECT ${codesLeft(sql`f.used`)} FROM recovery_codes f WHERE f.user_id = ${id}), 0),
    'isRequired', ${sql.raw(alias)}.mfa_required)`;
};
