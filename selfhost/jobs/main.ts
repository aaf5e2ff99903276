/**
 * The jobs process: the source of the jobs Worker on Node, woken by a clock instead of a queue and a cron. It has four
 * connections of its own to Postgres, and one more for the lock.
 */
import { readFileSync } from 'node:fs';
import { readJobsConfig } from '../../src/config/read.ts';
import type { JobsDeps } from '../../src/jobs/deps.ts';
import { observed } from '../../src/jobs/observed.ts';
import { reportTo } from '../../src/jobs/report.ts';
import { resendMailer } from '../../src/ports/mailer.ts';
import { openDb } from '../../src/store/db.ts';
import { serveNeonHttp } from '../gateway/neon-http.ts';
import { createPostgresExecutor, withoutTlsParameters } from '../gateway/postgres.ts';
import { leader } from './leader.ts';
import { runJobs } from './loop.ts';
import { smtpMailer } from './smtp-mailer.ts';

const CONNECTIONS = 4;

const { SMTP_URL: smtpUrl, SMTP_TLS, POSTGRES_TLS, POSTGRES_CA_FILE: caFile } = process.env;
const config = readJobsConfig(process.env);
const databaseUrl = withoutTlsParameters(process.env.JOBS_DATABASE_URL ?? '');
const tls = POSTGRES_TLS !== 'off' && (caFile === undefined || { ca: readFileSync(caFile, 'utf8') });
const executor = createPostgresExecutor({
  size: CONNECTIONS,
  waitMs: config.databaseTimeoutMs,
  statementMs: config.databaseTimeoutMs,
  tls,
});
// The driver speaks HTTP: to an endpoint in this process.
const endpoint = await serveNeonHttp({ executor });

const finishing = new Set<Promise<unknown>>();
const context = {
  waitUntil(work: Promise<unknown>) {
    const settled = work.catch(() => {}).finally(() => finishing.delete(settled));
    finishing.add(settled);
  },
};
const deps: JobsDeps = {
  config,
  db: openDb({ ...config, databaseUrl, neonHttpUrl: endpoint.url }),
  mailer: smtpUrl
    ? smtpMailer({ url: smtpUrl, isTlsNeeded: SMTP_TLS !== 'off', timeoutMs: config.mailTimeoutMs })
    : resendMailer(config),
  // Nothing to ring: the outbox says when a mail is due, and it is looked at every second.
  mailQueue: { send: async () => {}, sendBatch: async () => {} },
  now: () => new Date(),
  report: reportTo(config, context.waitUntil),
};

const lock = leader({ connectionString: databaseUrl, ssl: tls });
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
process.once('disconnect', () => ending.abort());
await runJobs(deps, lock, (work) => observed(config, context, 'jobs.sweep', work), {
  signal: ending.signal,
  beat: () => void (process.connected && process.send?.('working')),
});
await lock.close();
await Promise.all(finishing);
process.exit(0);
