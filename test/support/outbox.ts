/** Owed mail, and the jobs that deliver it, as tests of delivery need them: real database, real provider port. */
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import type { JobsBindings } from '../../src/config/bindings.ts';
import { readJobsConfig } from '../../src/config/read.ts';
import type { JobsDeps } from '../../src/jobs/deps.ts';
import type { JobsEvent } from '../../src/jobs/report.ts';
import { resendMailer } from '../../src/ports/mailer.ts';
import { openDb } from '../../src/store/db.ts';
import { query } from './control-client.ts';

export type OutboxRow = {
  id: string;
  status: string;
  attempts: number;
  failure: string | null;
  provider_id: string | null;
  report: string | null;
  due_at: string | null;
  user_id: string | null;
  recipient: string | null;
};

const bindings = env as unknown as JobsBindings & Record<string, string>;

/** The jobs with settings, a clock and a record of reports of their own; the queue is the real one. */
export function startJobs(settings: Record<string, string> = {}) {
  const config = readJobsConfig({ ...bindings, ...settings });
  const reports: JobsEvent[] = [];
  let offset = 0;
  const deps: JobsDeps = {
    config,
    db: openDb(config),
    mailer: resendMailer(config),
    mailQueue: bindings.MAIL_QUEUE,
    now: () => new Date(Date.now() + offset),
    report: (event) => reports.push(event),
  };
  return {
    deps,
    reports,
    travel(seconds: number) {
      offset += seconds * 1_000;
    },
  };
}

/** An account that was never mailed, straight into the database. */
export async function accountWithoutMail(): Promise<{ id: string; email: string }> {
  const [id, email] = [uuidv7(), `ada-${crypto.randomUUID()}@example.com`];
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     VALUES ($1, $2, 'Ada', 'x', date_trunc('milliseconds', now()), now(), now())`,
    [id, email],
  );
  return { id, email };
}

/** Mails that are owed to the account and that nobody has queued. */
export async function oweMails(userId: string, count = 1, createdAt = new Date()): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidv7());
  await query(
    `INSERT INTO email_outbox (id, kind, user_id, recipient, created_at)
     SELECT mail.id, 'already_registered', users.id, users.email, $3 FROM unnest($2::uuid[]) AS mail (id), users WHERE users.id = $1`,
    [userId, ids, createdAt.toISOString()],
  );
  return ids;
}

export async function oweMail(userId: string): Promise<string> {
  const [id] = await oweMails(userId);
  if (id === undefined) throw new Error('one mail is owed');
  return id;
}

export async function outboxRow(id: string): Promise<OutboxRow | undefined> {
  const [row] = await query<OutboxRow>('SELECT * FROM email_outbox WHERE id = $1', [id]);
  return row;
}

export const mailQueue = bindings.MAIL_QUEUE;
