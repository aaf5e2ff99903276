/** What became of sent mail, and whom not to mail again. */
import { type SQL, sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';
import { run, statement } from './statement.ts';

type Report = {
  mailId: string;
  report: 'delivered' | 'bounced' | 'complained';
  at: Date;
  suppress: string | undefined;
};

/**
 * Records a report and its suppression in one statement. Repeated and overtaken reports change nothing: a complaint
 * outweighs a bounce, a bounce a delivery. Of suppressions a bounce outweighs a complaint, for it stops more. A mail that
 * is not ours, or is forgotten, suppresses nobody.
 */
export async function recordReport(
  db: Db,
  { mailId, report, at, suppress }: Report,
  now: Date,
): Promise<void> {
  const weight = sql`ARRAY['delivered', 'bounced', 'complained']`;
  const recorded = statement({
    parts: {
      reported: sql`
        UPDATE email_outbox SET report = ${report}, reported_at = ${instant(at)}
        WHERE id = ${mailId}::uuid
          AND (report IS NULL OR array_position(${weight}, report) < array_position(${weight}, ${report}::text))`,
    },
    select: sql`
      INSERT INTO mail_suppressions (address, reason, created_at)
      SELECT ${suppress ?? null}::text, ${report}, ${instant(now)} FROM email_outbox
      WHERE id = ${mailId}::uuid AND ${suppress ?? null}::text IS NOT NULL
      ON CONFLICT (address) DO UPDATE SET reason = EXCLUDED.reason, created_at = EXCLUDED.created_at
        WHERE EXCLUDED.reason = 'bounced' AND mail_suppressions.reason = 'complained'`,
    row: {},
  });
  await run(db, recorded);
}

/**
 * A part of the statement that uses a mailed link or code up: whoever did that reads the mailbox, so mail arrives there
 * and is wanted. `address` and `from` name the address that was proven. Asking for a mail lifts nothing: anyone may ask.
 */
export const liftSuppressionOf = (address: SQL, from: SQL): SQL => sql`
  DELETE FROM mail_suppressions WHERE address IN (SELECT ${address} FROM ${from})`;
