/** Sessions that ended lately, for services that only verify tokens. Triggers of the owner write the rows. */
import { sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

export type RevokedSessions = {
  /** Digests of 12 bytes, 16 characters of base64url each, one after the other. */
  digests: string;
  /** When the newest session ended that is not in the list. Null when the list has all of them. */
  unlistedUntil: Date | null;
};

/**
 * The digests of sessions that ended after `since`: the newest ones, at most `limit`. Sessions that ended at the same
 * moment are all listed or all left out. So when one statement ends everybody's sessions, the list names that moment
 * instead of the sessions. So does the mark of a bulk end (session-ends.ts). The order is that of the digests, and says
 * nothing about the order in which sessions ended.
 */
export async function listRevokedSessions(db: Db, since: Date, limit: number): Promise<RevokedSessions> {
  const list = statement({
    parts: {
      recent: sql`
        SELECT digest, revoked_at FROM revoked_sessions WHERE revoked_at > ${instant(since)} AND digest <> ''
        ORDER BY revoked_at DESC LIMIT ${limit + 1}`,
      mark: sql`SELECT revoked_at FROM revoked_sessions WHERE digest = '' AND revoked_at > ${instant(since)}`,
      unlisted: sql`SELECT max(revoked_at) AS until FROM (
        (SELECT revoked_at FROM recent ORDER BY revoked_at DESC OFFSET ${limit}) UNION ALL SELECT revoked_at FROM mark) rest`,
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
