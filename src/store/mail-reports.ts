/** What the mail provider reports about sent mail, and the addresses that are not mailed again. */
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
 * Records a report, and stops mail to the address if the report says so. A report that comes twice or late changes
 * nothing: a complaint replaces a bounce, a bounce replaces a delivery, and never the other way round. As the reason
 * why an address is not mailed, a bounce replaces a complaint, since it stops more. A report about a mail that is
 * unknown here changes nothing.
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
 * A part of the statement that uses up a mailed link or code: the address may be mailed again, because somebody read
 * the mail there. `address` and `from` name the proven address. A mere request for a mail does not do this, since
 * anyone can make one.
 */
export const liftSuppressionOf = (address: SQL, from: SQL): SQL => sql`
  DELETE FROM mail_suppressions WHERE address IN (SELECT ${address} FROM ${from})`;
