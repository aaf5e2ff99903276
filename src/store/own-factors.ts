/** The second factors of the bearer, as they see them. */
import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Bearer } from '../caller.ts';
import type { Db } from './db.ts';
import { factors, factorsOf } from './factors.ts';
import { isLiveSession } from './live-session.ts';
import { column, run, statement } from './statement.ts';

const ownFactors = {
  factors,
  totpAddedAt: column.instant.nullable(),
  codesMadeAt: column.instant.nullable(),
  passkeys: z.array(
    z.object({
      id: column.uuid,
      name: column.text,
      /** Its provider has copied it to other devices, or keeps it for them. */
      isSynced: column.boolean,
      createdAt: column.instant,
      lastUsedAt: column.instant.nullable(),
    }),
  ),
};

export type OwnFactors = z.output<z.ZodObject<typeof ownFactors>>;

/** Undefined when the session has ended. */
export async function listFactors(db: Db, bearer: Bearer, now: Date): Promise<OwnFactors | undefined> {
  const select = sql`
    SELECT ${factorsOf('users')} AS factors,
      (SELECT created_at FROM totp_factors WHERE user_id = users.id) AS "totpAddedAt",
      (SELECT created_at FROM recovery_codes WHERE user_id = users.id) AS "codesMadeAt",
      (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'isSynced', backed_up,
        'createdAt', created_at, 'lastUsedAt', last_used_at) ORDER BY id), '[]')
        FROM passkeys WHERE user_id = users.id) AS passkeys
    FROM users WHERE users.id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`;
  const [own] = await run(db, statement({ select, row: ownFactors }));
  return own;
}
