/** What the database keeps of a person: the kinds of their events and of the mails owed to them, oldest first. */
import { query } from './control-client.ts';

export const eventsOf = async (email: string, like = '%'): Promise<string[]> =>
  (
    await query<{ kind: string }>(
      `SELECT kind FROM security_events e JOIN users u ON u.id = e.user_id
       WHERE u.email = $1 AND kind LIKE $2 ORDER BY e.id`,
      [email, like],
    )
  ).map(({ kind }) => kind);

export const mailsOwedTo = async (email: string, kind: string): Promise<number> =>
  (
    await query(
      `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = $2`,
      [email, kind],
    )
  ).length;

/** Why the sessions of a person ended, oldest first; null for one that lives. */
export const endsOf = async (email: string): Promise<(string | null)[]> =>
  (
    await query<{ reason: string | null }>(
      `SELECT revoked_reason AS reason FROM user_sessions s JOIN users u ON u.id = s.user_id
       WHERE u.email = $1 ORDER BY s.id`,
      [email],
    )
  ).map(({ reason }) => reason);
