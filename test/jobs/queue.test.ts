/** Faults on the real queue: messages, retries, dead letter and sweep as the platform runs them. */
import { expect, test } from 'vitest';
import { consume } from '../../src/jobs/consume.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { attemptsTo, codeIn, failMail, mendMail, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { accountWithoutMail, mailQueue, outboxRow, oweMail, oweMails, startJobs } from '../support/outbox.ts';
import { person } from '../support/person.ts';

test('a provider that is down for all three attempts leaves a failed mail with its reason', async () => {
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: '500' });
  await mailQueue.send({ id: mailId });
  await expect
    .poll(() => outboxRow(mailId), { interval: 100 })
    .toMatchObject({ status: 'failed', attempts: 3, failure: '500 internal_server_error' });
  expect((await attemptsTo(email)).map(({ outcome }) => outcome)).toEqual(['500', '500', '500']);
});

test('the queue waits for as long as the back-off says', async () => {
  const { deps } = startJobs({ MAIL_BACKOFF_SECONDS: '60' });
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: '500' });
  const asked: unknown[] = [];
  const retry = (options: unknown) => asked.push(options);
  const message = { id: 'm', timestamp: new Date(), body: { id: mailId }, attempts: 1, ack() {}, retry };
  const batch = { messages: [message], ackAll() {}, retryAll() {}, metadata: undefined as never };
  await consume(deps, { ...batch, queue: 'gatehouse-mail' });
  const [{ delaySeconds } = { delaySeconds: Number.NaN }] = asked as { delaySeconds: number }[];
  expect(asked).toHaveLength(1);
  // And up to half as much again.
  expect(delaySeconds).toBeGreaterThanOrEqual(60);
  expect(delaySeconds).toBeLessThanOrEqual(90);
  await mendMail(email);
});

test('a mail that the queue delivers five times, in one batch and in others beside it, is sent once', async () => {
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  const ring = { body: { id: mailId } };
  await Promise.all([
    mailQueue.sendBatch([ring, ring, ring]),
    mailQueue.send(ring.body),
    mailQueue.send(ring.body),
  ]);
  await nextMessageTo(email);
  await mailQueue.sendBatch([ring, ring]);
  const bob = await accountWithoutMail();
  await mailQueue.send({ id: await oweMail(bob.id) });
  await nextMessageTo(bob.email);
  expect((await attemptsTo(email)).map(({ outcome }) => outcome)).toEqual(['accepted']);
});

test('a message that nobody can read does not stop its batch', async () => {
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  const poison = [null, 'x', 7, {}, { id: 7 }, { id: 'not-a-uuid' }, { id: "'; DROP TABLE users" }, [mailId]];
  await mailQueue.sendBatch([...poison, { id: mailId }].map((body) => ({ body: body as { id: string } })));
  expect(await nextMessageTo(email)).toMatchObject({ to: email, idempotencyKey: mailId });
});

test('an unreadable dead letter is acknowledged and reported without its content', async () => {
  const { deps, reports } = startJobs();
  const seen: string[] = [];
  const message = {
    id: 'm1',
    timestamp: new Date(),
    body: { secret: 'never to be seen' },
    attempts: 1,
    ack: () => seen.push('ack'),
    retry: () => seen.push('retry'),
  };
  const batch = { messages: [message], ackAll() {}, retryAll() {}, metadata: undefined as never };
  await consume(deps, { ...batch, queue: 'gatehouse-mail' });
  await consume(deps, { ...batch, queue: 'gatehouse-mail-dead' });
  expect(seen).toEqual(['retry', 'ack']);
  expect(reports).toEqual([{ event: 'queue.poison', messageId: 'm1', bytes: 29 }]);
});

test('a dead letter for a mail with attempts left changes nothing', async () => {
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  const { deps, reports, travel } = startJobs();
  const message = { id: 'm', timestamp: new Date(), body: { id: mailId }, attempts: 1, ack() {}, retry() {} };
  const batch = { messages: [message], ackAll() {}, retryAll() {}, metadata: undefined as never };
  await consume(deps, { ...batch, queue: 'gatehouse-mail-dead' });
  expect(reports).toEqual([{ event: 'queue.dead_letter', mailIds: [mailId] }]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'pending', attempts: 0 });
  travel(60);
  await sweep(deps);
  expect(await nextMessageTo(email)).toMatchObject({ idempotencyKey: mailId });
});

test('a sign-up whose mail cannot be queued is answered as usual, and the sweep finds its mail', async () => {
  const broken = { send: () => Promise.reject(new Error('queue down')) } as unknown as Queue<{ id: string }>;
  const gatehouse = startGatehouse({}, { MAIL_QUEUE: broken });
  const ada = person();
  const signedUpAt = new Date();
  const { status, body } = await gatehouse.post('/signup', ada);
  expect(status).toBe(200);
  const { deps, travel } = startJobs();
  const owed = () => query('SELECT status, queued_at FROM email_outbox WHERE recipient = $1', [ada.email]);
  await sweep({ ...deps, now: () => signedUpAt });
  expect(await owed()).toEqual([{ status: 'pending', queued_at: null }]);
  travel(60);
  await sweep(deps);
  const code = codeIn(await nextMessageTo(ada.email));
  expect((await gatehouse.post('/verify-email', { id: body.data.id, code })).status).toBe(200);
});

test('finished mail is deleted when its retention is over, owed mail never', async () => {
  const { id } = await accountWithoutMail();
  const [old = '', young = '', owed = ''] = await oweMails(id, 3);
  const finish = `UPDATE email_outbox SET status = 'sent', finished_at = now() - $2::interval WHERE id = $1`;
  await query(finish, [old, '11 days']);
  await query(finish, [young, '9 days']);
  await query(`UPDATE email_outbox SET created_at = now() - interval '20 days' WHERE id = $1`, [owed]);
  const { deps } = startJobs({ MAIL_RETENTION_SECONDS: `${10 * 86_400}` });
  await sweep({ ...deps, mailQueue: { ...deps.mailQueue, sendBatch: async () => {} } });
  expect(await outboxRow(old)).toBeUndefined();
  expect(await outboxRow(young)).toBeDefined();
  expect(await outboxRow(owed)).toMatchObject({ status: 'pending' });
});

test('200 mails through a provider that fails 30% at random are sent once each, and none is lost', async () => {
  const { id, email } = await accountWithoutMail();
  const ids = await oweMails(id, 200);
  // While the queue is being filled the failures are of the worst kind: accepted, and the answer lost.
  await failMail({ to: email, kind: 'drop', rate: 0.3, seed: 7 });
  const open = async () =>
    query<{ status: string; n: number }>(
      'SELECT status, count(*)::int AS n FROM email_outbox WHERE user_id = $1 GROUP BY status',
      [id],
    );
  const ring = async (mails: string[]) => {
    for (let at = 0; at < mails.length; at += 100)
      await mailQueue.sendBatch(mails.slice(at, at + 100).map((mailId) => ({ body: { id: mailId } })));
  };
  await ring(ids);
  await failMail({ to: email, kind: '500', rate: 0.3, seed: 11 });
  const isOver = async () => (await open()).every(({ status }) => status === 'sent' || status === 'failed');
  await expect.poll(isOver, { interval: 250 }).toBe(true);

  const given = await query<{ id: string }>(
    `SELECT id FROM email_outbox WHERE user_id = $1 AND status = 'failed'`,
    [id],
  );
  // 0.3 ** 3 of them: in the dead letter, with their reason, until someone replays them.
  expect(given.length).toBeLessThan(50);
  await mendMail(email);
  await query(
    `UPDATE email_outbox SET status = 'pending', attempts = 0, due_at = NULL WHERE user_id = $1 AND status = 'failed'`,
    [id],
  );
  await ring(given.map((mail) => mail.id));
  await expect.poll(open, { interval: 250 }).toEqual([{ status: 'sent', n: 200 }]);
  const keys = (await messagesTo(email)).map(({ idempotencyKey }) => idempotencyKey);
  expect(keys).toHaveLength(200);
  expect(new Set(keys)).toEqual(new Set(ids));
}, 240_000);
