import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readJobsConfig } from '../../src/config/read.ts';
import { observed } from '../../src/jobs/observed.ts';
import { openDb } from '../../src/store/db.ts';
import { probe } from '../../src/store/health.ts';
import { linesOf } from '../support/console.ts';
import { fault } from '../support/control-client.ts';
import { sentryDsn } from '../support/sentry-client.ts';

const bindings = env as unknown as Record<string, string>;

test('work of the jobs Worker is one line with its figures', async () => {
  const config = readJobsConfig({ ...bindings, LOG_LEVEL: 'info' });
  const { lines } = await linesOf(() =>
    observed(config, createExecutionContext(), 'mail.batch', async () => ({ messages: 3, again: 1 })),
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', event: 'mail.batch', durationMs: expect.any(Number), messages: 3, again: 1 },
  ]);
});

test('an unexpected error is logged and reported without its message, and thrown again', async () => {
  const { dsn, envelopes } = sentryDsn();
  const config = readJobsConfig({ ...bindings, LOG_LEVEL: 'error', SENTRY_DSN: dsn });
  const context = createExecutionContext();
  const failing = async () => {
    throw new TypeError('secret-marker');
  };
  const { answer, lines } = await linesOf(() =>
    observed(config, context, 'mail.batch', failing).catch((error) => error),
  );
  await waitOnExecutionContext(context);
  expect(answer).toBeInstanceOf(TypeError);
  const [envelope = ''] = await envelopes();
  expect(JSON.parse(envelope.trim().split('\n').at(-1) ?? '')).toMatchObject({
    tags: { worker: 'gatehouse-jobs', queue: 'mail.batch' },
    exception: { values: [{ type: 'TypeError' }] },
  });
  expect(lines.join() + envelope).not.toContain('secret-marker');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'error',
    event: 'mail.batch',
    fault: { error: 'TypeError' },
  });
});

test('a database that does not answer is a line and a count, and no report', async () => {
  const { dsn, envelopes } = sentryDsn();
  const name = `jobs-${crypto.randomUUID()}`;
  await fault(name, { fail: 'refuse' });
  const url = `${bindings.DATABASE_URL}?application_name=${name}`;
  const config = readJobsConfig({ ...bindings, LOG_LEVEL: 'error', SENTRY_DSN: dsn, DATABASE_URL: url });
  const context = createExecutionContext();
  const counted: unknown[] = [];
  const metrics = { writeDataPoint: (point: unknown) => counted.push(point) } as AnalyticsEngineDataset;
  const asking = async () => ({ oldest: Number((await probe(openDb(config), 'localhost')).oldestMailOwed) });
  const { lines } = await linesOf(() =>
    observed(config, context, 'jobs.sweep', asking, metrics).catch(() => {}),
  );
  await waitOnExecutionContext(context);
  expect(lines).toHaveLength(1);
  expect(counted).toMatchObject([{ blobs: ['jobs.sweep', 'fault'] }]);
  expect(await envelopes()).toEqual([]);
});
