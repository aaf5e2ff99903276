/** What became of sent mail, and whom not to mail again. */
import { sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';

type Report = {
  mailId: string;
  report: 'delivered' | 'bounced' | 'complained';
  at: Date;
  suppress: string | undefined;
};

/**
 * Records a report and its suppression in one statement. Repeated and overtaken ones change nothing: a complaint
 * outweighs a bounce, a bounce a delivery. A mail that is not ours, or is forgotten, suppresses nobody.
 */
export async function recordReport(
  db: Db,
  { mailId, report, at, suppress }: Report,
  now: Date,
): Promise<void> {
  const weight = sql`ARRAY['delivered', 'bounced', 'complained']`;
  await db.execute(sql`
    WITH reported AS (
      UPDATE email_outbox SET report = ${report}, reported_at = ${instant(at)}
      WHERE id = ${mailId}::uuid
        AND (report IS NULL OR array_position(${weight}, report) < array_position(${weight}, ${report}::text))
    )
    INSERT INTO mail_suppressions (address, reason, created_at)
    SELECT ${suppress ?? null}::text, ${report}, ${instant(now)} FROM email_outbox
    WHERE id = ${mailId}::uuid AND ${suppress ?? null}::text IS NOT NULL
    ON CONFLICT (address) DO NOTHING`);
}
