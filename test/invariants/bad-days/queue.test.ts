/**
 * The queue down, slow and flapping while people are in the middle of everything: the answers are the same, every mail is
 * owed in the database, and the sweep sees to it that each arrives, once.
 */
import { expect, test } from 'vitest';
import type { MailJob } from '../../../src/config/bindings.ts';
import { runSchedule } from '../../../src/jobs/schedule.ts';
import { sweep } from '../../../src/jobs/sweep.ts';
import { linesOf } from '../../support/console.ts';
import { query } from '../../support/control-client.ts';
import { allOf, each, everyone, mailsOf, statusesOf } from '../../support/everyone.ts';
import { startGatehouse } from '../../support/gatehouse.ts';
import { attemptsTo, messagesTo, nextMessageTo } from '../../support/mailbox.ts';
import { accountWithoutMail, mailQueue, oweMail, startJobs } from '../../support/outbox.ts';
import { person } from '../../support/person.ts';

/** The real queue, until it is broken: then each ring fails for which `fails` says so. */
function breakableQueue() {
  const state = { fails: () => false };
  const send: typeof mailQueue.send = (job, options) =>
    state.fails()
      ? Promise.reject(new Error('the queue is down, by order of a test'))
      : mailQueue.send(job, options);
  return { state, queue: { send } as unknown as Queue<MailJob> };
}

test.each([
  ['down', () => () => true],
  [
    'flapping',
    () =>
      (
        (turn) => () =>
          turn++ % 2 === 0
      )(0),
  ],
])('the queue %s: each endpoint answers as ever, and the sweep brings every mail, once', async (_, order) => {
  const { state, queue } = breakableQueue();
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' }, { MAIL_QUEUE: queue });
  const all = await everyone(gatehouse);
  state.fails = order();
  expect(statusesOf(await allOf(all))).toEqual(each(200));
  const { deps, travel } = startJobs();
  travel(60);
  await sweep(deps);
  await expect.poll(() => mailsOf(all, ['pending', 'sending'])).toEqual([]);
  expect(await mailsOf(all, ['failed'])).toEqual([]);
  for (const { email } of [all.people.newcomer, all.people.leaving])
    expect((await attemptsTo(email)).map(({ outcome }) => outcome)).not.toContain('repeated');
  expect(await messagesTo(all.people.newcomer.email)).toHaveLength(1);
});

test.each([
  ['warn', 1],
  ['error', 0],
])('at LOG_LEVEL=%s a ring that fails is %i lines, by request and mail', async (level, count) => {
  const { state, queue } = breakableQueue();
  state.fails = () => true;
  const gatehouse = startGatehouse({ LOG_LEVEL: level }, { MAIL_QUEUE: queue });
  const headers = { 'CF-Ray': '8f2a1b3c4d5e6f70-LIS' };
  const { lines } = await linesOf(() => gatehouse.post('/signup', person(), { headers }));
  const told = lines.map((line) => JSON.parse(line));
  expect(told).toHaveLength(count);
  for (const line of told)
    expect(line).toEqual({
      level: 'warn',
      event: 'mail.enqueue_failed',
      requestId: headers['CF-Ray'],
      mailId: expect.any(String),
      error: 'Error',
    });
});

test('the queue still down when the schedule fires: what is over goes all the same, and five minutes later it rings again', async () => {
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  const { deps, travel } = startJobs();
  await query(`INSERT INTO rate_limit_fallback VALUES ($1, 1, now() - interval '2 hours')`, [mailId]);
  travel(60);
  const sendBatch = () => Promise.reject(new Error('the queue is down, by order of a test'));
  await expect(runSchedule({ ...deps, mailQueue: { ...deps.mailQueue, sendBatch } })).rejects.toThrow('down');
  expect(await query('SELECT FROM rate_limit_fallback WHERE key = $1', [mailId])).toEqual([]);
  travel(300);
  await runSchedule(deps);
  expect(await nextMessageTo(email)).toMatchObject({ idempotencyKey: mailId });
});

test('a queue that never answers: nobody waits for it, and the mail is owed in the database', async () => {
  const silent = { send: () => new Promise(() => {}) } as unknown as Queue<MailJob>;
  const gatehouse = startGatehouse({}, { MAIL_QUEUE: silent });
  const ada = person('queueless');
  const request = new Request('http://localhost:8787/api/v1/auth/signup', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(ada),
  });
  expect((await gatehouse.answerOnly(request, [])).status).toBe(200);
  const mails = await query(
    'SELECT o.status FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1',
    [ada.email],
  );
  expect(mails).toEqual([{ status: 'pending' }]);
  expect(await messagesTo(ada.email)).toEqual([]);
});
