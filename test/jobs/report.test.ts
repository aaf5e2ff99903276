import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readJobsConfig } from '../../src/config/read.ts';
import { type JobsEvent, reportTo } from '../../src/jobs/report.ts';
import { linesOf } from '../support/console.ts';
import { sentryDsn } from '../support/sentry-client.ts';

const bindings = env as unknown as Record<string, string>;

/** What one event writes to the console and sends to Sentry. */
async function reported(event: JobsEvent, logLevel = 'info') {
  const { dsn, envelopes } = sentryDsn();
  const config = readJobsConfig({ ...bindings, LOG_LEVEL: logLevel, SENTRY_DSN: dsn });
  const context = createExecutionContext();
  const report = reportTo(config, (work) => context.waitUntil(work));
  const { lines } = await linesOf(async () => report(event));
  await waitOnExecutionContext(context);
  return { lines: lines.map((line) => JSON.parse(line)), envelopes: await envelopes() };
}

test('a mail that was given up is an error in the log and in Sentry, by its kind', async () => {
  const event = {
    event: 'mail.dead',
    mailId: 'm1',
    kind: 'verify_email',
    attempts: 3,
    failure: '500',
  } as const;
  const { lines, envelopes } = await reported(event);
  expect(lines).toEqual([{ level: 'error', ...event }]);
  expect(JSON.parse(envelopes[0]?.trim().split('\n').at(-1) ?? '')).toMatchObject({
    tags: { worker: 'gatehouse-jobs', queue: 'mail.dead' },
    exception: { values: [{ type: 'mail.dead', value: 'verify_email' }] },
  });
});

test.each([
  [true, 0],
  [false, 1],
])(
  'a fault that is a database outage (%s) makes %i reports and a line in any case',
  async (isOutage, count) => {
    const fault = { error: 'TypeError', frames: [] };
    const { lines, envelopes } = await reported({ event: 'jobs.fault', job: 'deliver', fault, isOutage });
    expect(lines).toMatchObject([{ level: 'error', event: 'jobs.fault', fault }]);
    expect(envelopes).toHaveLength(count);
  },
);

test('a batch without a fault is a line and no report', async () => {
  const { lines, envelopes } = await reported({ event: 'mail.swept', queued: 2, buried: 0 });
  expect(lines).toMatchObject([{ level: 'info', event: 'mail.swept', queued: 2 }]);
  expect(envelopes).toEqual([]);
  const batch = { event: 'mail.batch', sent: 1, skipped: 0, again: 0, throttled: 0, failed: 0 } as const;
  expect((await reported(batch)).lines).toHaveLength(1);
  expect((await reported(batch, 'warn')).lines).toEqual([]);
});
