/** Postgres down and silent while mail is being delivered: the queue repeats the batch, and no mail is burned or doubled. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { consume } from '../../../src/jobs/consume.ts';
import { runSchedule } from '../../../src/jobs/schedule.ts';
import { sweep } from '../../../src/jobs/sweep.ts';
import { clearFault, query, fault as setFault } from '../../support/control-client.ts';
import { attemptsTo } from '../../support/mailbox.ts';
import { accountWithoutMail, outboxRow, oweMail, startJobs } from '../../support/outbox.ts';

const { DATABASE_URL } = env as unknown as Record<string, string>;

/** Jobs whose database can be made to fail, and one mail that they have to deliver. */
async function atWork() {
  const name = `jobs-${crypto.randomUUID()}`;
  const url = { DATABASE_URL: `${DATABASE_URL}?application_name=${name}` };
  const jobs = startJobs(url);
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  // Marked as queued, so that the sweeps of other tests, in the same database, leave it alone.
  await query(`UPDATE email_outbox SET queued_at = now() + interval '1 day' WHERE id = $1`, [mailId]);
  const deliver = async (queue = 'gatehouse-mail', deps = jobs.deps) => {
    const seen: unknown[] = [];
    const message = {
      id: 'm',
      timestamp: new Date(),
      body: { id: mailId },
      attempts: 1,
      ack: () => seen.push('acknowledged'),
      retry: (options: unknown) => seen.push(options),
    };
    const batch = { queue, messages: [message], ackAll() {}, retryAll() {}, metadata: undefined as never };
    await consume(deps, batch as unknown as MessageBatch);
    return seen;
  };
  // Waits for a database that does not answer for a moment only.
  const hasty = { ...startJobs({ ...url, DATABASE_TIMEOUT_MS: '300' }).deps, report: jobs.deps.report };
  return { ...jobs, hasty, name, email, mailId, deliver };
}

test.each([
  ['down', { fail: 'refuse' }],
  ['silent', { fail: 'hang' }],
])(
  'Postgres %s: a delivery and a dead letter are repeated later, and then the mail is sent once',
  async (_, kind) => {
    const { deps, hasty, name, email, mailId, deliver, reports, travel } = await atWork();
    await setFault(name, kind);
    expect(await deliver('gatehouse-mail', hasty)).toEqual([{ delaySeconds: 1 }]);
    expect(await deliver('gatehouse-mail-dead', hasty)).toEqual([{ delaySeconds: 60 }]);
    expect(reports).toMatchObject([
      { event: 'jobs.fault', job: 'deliver', isOutage: true },
      { event: 'jobs.fault', job: 'dead_letter', isOutage: true },
    ]);
    expect(await outboxRow(mailId)).toMatchObject({ status: 'pending', attempts: 0 });
    await clearFault(name);
    expect(await deliver()).toEqual(['acknowledged']);
    // Nothing is left that a sweep could queue.
    travel(120);
    await sweep(deps);
    expect((await attemptsTo(email)).map(({ outcome }) => outcome)).toEqual(['accepted']);
  },
);

test('Postgres down between sending and recording: the mail is sent again under its key, which is no second mail', async () => {
  const { name, email, mailId, deliver, travel } = await atWork();
  await setFault(name, { fail: 'refuse', skip: 1, times: 1 });
  expect(await deliver()).toEqual([{ delaySeconds: 1 }]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sending' });
  travel(120);
  expect(await deliver()).toEqual(['acknowledged']);
  expect((await attemptsTo(email)).map(({ outcome }) => outcome)).toEqual(['accepted', 'repeated']);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent' });
});

test('Postgres down when the schedule fires: the run fails as a whole and the next one does its work', async () => {
  const { deps, name } = await atWork();
  await setFault(name, { fail: 'refuse' });
  await expect(runSchedule(deps)).rejects.toThrow();
  await clearFault(name);
  await runSchedule(deps);
});
