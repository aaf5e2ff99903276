/** Sessions that ended of late, as services that only verify tokens are told of them. The owner's triggers write the rows. */
import { sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

export type RevokedSessions = {
  /** Digests of 12 bytes, 16 characters of base64url each, one after the other. */
  digests: string;
  /** When the newest of those ended that are not among them; null when all are. */
  unlistedUntil: Date | null;
};

/**
 * What ended after `since`: the newest, `limit` at most. Of those that ended at one moment all are listed or none, so
 * that the end of everybody's sessions in one statement is a moment and no list. Ordered by digest: the order of the ends
 * is nobody's business.
 */
export async function listRevokedSessions(db: Db, since: Date, limit: number): Promise<RevokedSessions> {
  const list = statement({
    parts: {
      recent: sql`
        SELECT digest, revoked_at FROM revoked_sessions WHERE revoked_at > ${instant(since)}
        ORDER BY revoked_at DESC LIMIT ${limit + 1}`,
      unlisted: sql`SELECT max(revoked_at) AS until FROM (
        SELECT revoked_at FROM recent ORDER BY revoked_at DESC OFFSET ${limit}) rest`,
      listed: sql`SELECT digest FROM recent, unlisted WHERE until IS NULL OR revoked_at > until`,
    },
    select: sql`
      SELECT translate(encode(COALESCE(string_agg(digest, ''::bytea ORDER BY digest), ''), 'base64'), E'+/\\n', '-_') AS digests,
        (SELECT until FROM unlisted) AS "unlistedUntil"
      FROM listed`,
    row: { digests: column.text, unlistedUntil: column.instant.nullable() },
  });
  const [answer] = await run(db, list);
  return answer ?? { digests: '', unlistedUntil: null };
}
