/** The second factors of the bearer, as they see them. */
import { sql } from 'drizzle-orm';
import type * as z from 'zod';
import type { Bearer } from '../caller.ts';
import type { Db } from './db.ts';
import { factors, factorsOf } from './factors.ts';
import { isLiveSession } from './live-session.ts';
import { column, run, statement } from './statement.ts';

const ownFactors = {
  factors,
  totpAddedAt: column.instant.nullable(),
  codesMadeAt: column.instant.nullable(),
};

export type OwnFactors = z.output<z.ZodObject<typeof ownFactors>>;

/** Undefined when the session has ended. */
export async function listFactors(db: Db, bearer: Bearer, now: Date): Promise<OwnFactors | undefined> {
  const select = sql`
    SELECT ${factorsOf('users')} AS factors,
      (SELECT created_at FROM totp_factors WHERE user_id = users.id) AS "totpAddedAt",
      (SELECT created_at FROM recovery_codes WHERE user_id = users.id) AS "codesMadeAt"
    FROM users WHERE users.id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`;
  const [own] = await run(db, statement({ select, row: ownFactors }));
  return own;
}
