/**
 * The outbox. A row is born in the statement that causes the mail (`insertMail`), and moves
 * pending -> sending -> sent | skipped | failed under the jobs Worker. A claim that is older than the lease
 * belongs to a consumer that died: whoever comes next may take it.
 */
import { type SQL, sql } from 'drizzle-orm';
import { type Db, instant, later } from './db.ts';
import type { emailOutbox } from './schema.ts';

export type MailKind = (typeof emailOutbox.$inferSelect)['kind'];

const LEASE_SECONDS = 60;

type NewMail = {
  id: string;
  kind: MailKind | SQL;
  userId: SQL;
  /** An address other than the person's own, or NULL. */
  recipient?: SQL;
  eventId?: string;
  at: Date;
};

/** `INSERT ... SELECT`, to stand in a CTE; `from` is the FROM clause that says whether the mail is owed. */
export function insertMail(mail: NewMail, from: SQL): SQL {
  const { id, kind, userId, recipient = sql`NULL`, eventId = null, at } = mail;
  return sql`
    INSERT INTO email_outbox (id, kind, user_id, recipient, event_id, created_at)
    SELECT ${id}::uuid, ${kind}, ${userId}, ${recipient}::text, ${eventId}::uuid, ${instant(at)} ${from}`;
}

/** Everything a message is rendered from. The secrets in it are derived by the consumer. */
export type ClaimedMail = {
  id: string;
  kind: MailKind;
  /** Absent when the person is gone, and so is the name. */
  userId: string | null;
  to: string;
  name: string;
  /** Present while the mail's own proof is still open: unused, unexpired and not replaced by a newer one. */
  proof: { tokenId: string; keyId: string } | null;
  event: { at: Date; client: string | null; userAgent: string | null } | null;
};

type ClaimRow = {
  id: string;
  claimed: boolean;
  status: string;
  kind: MailKind;
  user_id: string | null;
  email: string;
  name: string | null;
  token_id: string | null;
  key_id: string | null;
  occurred_at: string | null;
  client: string | null;
  user_agent: string | null;
};

/** Claims what is due among `ids`. `busy` are rows another consumer holds; the rest is finished or gone. */
export async function claimMails(
  db: Db,
  ids: string[],
  now: Date,
): Promise<{ claimed: ClaimedMail[]; busy: string[] }> {
  const { rows } = await db.execute<ClaimRow>(sql`
    WITH claimed AS (
      UPDATE email_outbox SET status = 'sending', attempts = attempts + 1, claimed_at = ${instant(now)}
      WHERE id = ANY(${sql.param(ids)}::uuid[])
        AND (status = 'pending'
          OR (status = 'sending' AND claimed_at < ${instant(later(now, -LEASE_SECONDS))}))
      RETURNING id
    )
    SELECT o.id, claimed.id IS NOT NULL AS claimed, o.status, o.kind, o.user_id,
      COALESCE(o.recipient, u.email) AS email, u.name,
      COALESCE(t.id, r.id) AS token_id, COALESCE(t.key_id, r.key_id) AS key_id, e.occurred_at::text, e.client, e.user_agent
    FROM email_outbox o
    LEFT JOIN users u ON u.id = o.user_id
    LEFT JOIN claimed ON claimed.id = o.id
    LEFT JOIN verification_tokens t
      ON t.mail_id = o.id AND t.user_id = o.user_id AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    LEFT JOIN password_reset_tokens r
      ON r.id = o.id AND r.user_id = o.user_id AND r.expires_at > ${instant(now)}
    LEFT JOIN security_events e ON e.id = o.event_id
    WHERE o.id = ANY(${sql.param(ids)}::uuid[])`);
  return {
    claimed: rows.filter((row) => row.claimed).map(fromRow),
    busy: rows
      .filter((row) => !row.claimed && (row.status === 'pending' || row.status === 'sending'))
      .map((row) => row.id),
  };
}

function fromRow(row: ClaimRow): ClaimedMail {
  return {
    id: row.id,
    kind: row.kind,
    userId: row.user_id,
    to: row.email,
    name: row.name ?? '',
    proof: row.token_id && row.key_id ? { tokenId: row.token_id, keyId: row.key_id } : null,
    event: row.occurred_at
      ? { at: new Date(row.occurred_at), client: row.client, userAgent: row.user_agent }
      : null,
  };
}

export type MailOutcome = {
  id: string;
  /** `pending` puts it back for another attempt. */
  status: 'sent' | 'skipped' | 'pending' | 'failed';
  providerId: string | null;
  failure: string | null;
};

/** Records what became of claimed mails, all in one statement. */
export async function settleMails(db: Db, outcomes: MailOutcome[], now: Date): Promise<void> {
  await db.execute(sql`
    UPDATE email_outbox o
    SET status = r.status, provider_id = r."providerId", failure = r.failure,
      recipient = CASE WHEN r.status = 'pending' THEN recipient END,
      finished_at = CASE WHEN r.status = 'pending' THEN NULL ELSE ${instant(now)} END
    FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb)
      AS r(id uuid, status text, "providerId" text, failure text)
    WHERE o.id = r.id AND o.status = 'sending'`);
}
