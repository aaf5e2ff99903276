/** An operator deletes a person, who has asked for it. What goes and what stays is as for DELETE /me (deletion.ts). */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import {
  type Acting,
  type ActOutcome,
  actingCaller,
  outcomeRow,
  recordAct,
  selectOutcome,
} from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { lockOwnedBy, lockPerson } from './person-lock.ts';
import { run, statement } from './statement.ts';

/**
 * Deletes the person or the sign-up, and owes an account its farewell. Unchanged while the old mailbox of a change of
 * address can undo it: whoever asks for the deletion may have stolen the account.
 */
export async function deletePerson(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const deleted = statement({
    parts: {
      person: sql`SELECT id FROM users WHERE id = ${userId}::uuid`,
      done: sql`DELETE FROM users WHERE ${mayGo(userId, now)} RETURNING id`,
      counters: sql`
        DELETE FROM failed_login_attempts WHERE key IN (
          SELECT key FROM failed_login_attempts WHERE user_id = ${userId}::uuid ORDER BY key FOR UPDATE)
        AND EXISTS (SELECT FROM done)`,
      ...recordAct(acting, 'admin.deleted', now, { userId: sql`NULL` }),
    },
    select: selectOutcome,
    row: outcomeRow,
  });
  // Before the deletion: the trigger that fills in the address needs the person. Then the row forgets whose it is.
  const farewell = sql`
    INSERT INTO email_outbox (id, kind, user_id, created_at)
    SELECT ${uuidv7()}::uuid, 'account_deleted', id, ${instant(now)} FROM users
    WHERE ${mayGo(userId, now)} AND email_verified_at IS NOT NULL`;
  const locks = [lockPerson(userId), lockOwnedBy(userId), farewell];
  const [row] = await run(db, deleted, { caller: actingCaller(acting), locks });
  return row?.outcome ?? 'unknown';
}

const mayGo = (userId: string, now: Date): SQL => sql`
  (users.id = ${userId}::uuid AND NOT EXISTS (
    SELECT FROM email_change_undos d WHERE d.user_id = users.id AND d.expires_at > ${instant(now)}))`;
