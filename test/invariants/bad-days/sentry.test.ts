/** Sentry down, slow and flapping while both Workers meet errors nobody foresaw: nothing else changes, and no one waits. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readJobsConfig } from '../../../src/config/read.ts';
import { bury } from '../../../src/jobs/dead-letter.ts';
import { observed } from '../../../src/jobs/observed.ts';
import { reportTo } from '../../../src/jobs/report.ts';
import { linesOf } from '../../support/console.ts';
import { clearFault, query, fault as setFault } from '../../support/control-client.ts';
import { startGatehouse } from '../../support/gatehouse.ts';
import { accountWithoutMail, outboxRow, oweMail, startJobs } from '../../support/outbox.ts';
import { login, person } from '../../support/person.ts';
import { sentryDsn } from '../../support/sentry-client.ts';

const days = () => [
  { kind: 'down', dsn: 'http://key@127.0.0.1:9/1', envelopes: async () => [], arriving: 0 },
  { kind: 'slow', ...sentryDsn('2'), arriving: 0 },
  { kind: 'flapping', ...sentryDsn('3'), arriving: 2 },
];
const TIMES = 4;

/** Whether what goes on after the answer has ended by now. */
const isOver = (waiting: Promise<unknown>[]) =>
  Promise.race([
    Promise.all(waiting).then(() => true),
    new Promise((resolve) => setTimeout(resolve, 0, false)),
  ]);

test.each(days())(
  'Sentry $kind: the API answers and logs the same, and no one waits',
  async ({ kind, dsn, envelopes, arriving }) => {
    const gatehouse = startGatehouse({ SENTRY_DSN: dsn });
    const ada = person();
    await setFault(gatehouse.name, { fail: 'XX000' });
    const waiting: Promise<unknown>[] = [];
    for (let time = 0; time < TIMES; time++) {
      const { answer, lines } = await linesOf(() => gatehouse.answerOnly(loginOf(ada), waiting));
      if (kind === 'slow') expect(await isOver(waiting)).toBe(false);
      expect(answer.status).toBe(500);
      expect(lines).toHaveLength(1);
    }
    // What is left to do ends by itself, and as if all were well.
    await Promise.all(waiting);
    expect(await envelopes()).toHaveLength(arriving);
    await clearFault(gatehouse.name);
    expect((await login(gatehouse, ada)).status).toBe(401);
  },
);

const loginOf = ({ email, password }: { email: string; password: string }) =>
  new Request('http://localhost:8787/api/v1/auth/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });

test.each(days())(
  'Sentry $kind: the jobs Worker gives up, logs and throws the same, and no one waits',
  async ({ kind, dsn, envelopes, arriving }) => {
    const config = readJobsConfig({
      ...(env as unknown as Record<string, string>),
      LOG_LEVEL: 'error',
      SENTRY_DSN: dsn,
    });
    const waiting: Promise<unknown>[] = [];
    const context = { waitUntil: (work: Promise<unknown>) => void waiting.push(work) };
    const deps = { ...startJobs().deps, report: reportTo(config, context.waitUntil) };
    const { id } = await accountWithoutMail();
    const mailId = await oweMail(id);
    await query(`UPDATE email_outbox SET attempts = 3, due_at = now() - interval '1 s' WHERE id = $1`, [
      mailId,
    ]);

    const { lines } = await linesOf(async () => {
      await bury(deps, [mailId]);
      const failing = () => Promise.reject(new TypeError('unforeseen'));
      for (let time = 1; time < TIMES; time++)
        await expect(observed(config, context, 'queue.batch', failing)).rejects.toThrow('unforeseen');
    });
    if (kind === 'slow') expect(await isOver(waiting)).toBe(false);
    expect(lines.map((line) => JSON.parse(line).event)).toEqual([
      'mail.dead',
      'queue.batch',
      'queue.batch',
      'queue.batch',
    ]);
    expect(await outboxRow(mailId)).toMatchObject({ status: 'failed' });
    await Promise.all(waiting);
    expect(await envelopes()).toHaveLength(arriving);
  },
);
