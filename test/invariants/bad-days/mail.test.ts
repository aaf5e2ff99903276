/**
 * Resend down, slow and flapping while people are in the middle of everything: the answers are the same, and every mail
 * arrives once when it is back, be it by the queue's retries or, once given up, by an operator's replay.
 */
import { expect, test } from 'vitest';
import type { MailJob } from '../../../src/config/bindings.ts';
import { deliver } from '../../../src/jobs/deliver.ts';
import { sweep } from '../../../src/jobs/sweep.ts';
import { replayMails } from '../../../src/store/outbox-admin.ts';
import { query } from '../../support/control-client.ts';
import { allOf, type Everyone, each, everyone, mailsOf, statusesOf, timed } from '../../support/everyone.ts';
import { startGatehouse } from '../../support/gatehouse.ts';
import { attemptsTo, codeIn, failMail, mendMail, messagesTo, nextMessageTo } from '../../support/mailbox.ts';
import { startJobs } from '../../support/outbox.ts';
import { person } from '../../support/person.ts';

const delivered = (all: Everyone) => expect.poll(() => mailsOf(all, ['pending', 'sending'])).toEqual([]);

test.each([
  ['down', { kind: 'down' }],
  ['flapping', { kind: '500', rate: 0.5 }],
] as const)(
  'Resend %s: each endpoint answers as ever, and every mail arrives once it is back',
  async (_, order) => {
    const gatehouse = startGatehouse();
    const all = await everyone(gatehouse);
    for (const to of all.mailboxes) await failMail({ to, ...order });
    expect(statusesOf(await allOf(all))).toEqual(each(200));
    const { newcomer } = all.people;
    if (order.kind === 'down') {
      await expect.poll(async () => (await attemptsTo(newcomer.email)).length).toBeGreaterThan(0);
      expect(await messagesTo(newcomer.email)).toEqual([]);
    }
    for (const to of all.mailboxes) await mendMail(to);

    await delivered(all);
    // Those that had no attempt left are in the dead letter, with their reason, for an operator.
    const { deps, travel } = startJobs();
    for (const { id } of await mailsOf(all, ['failed'])) await replayMails(deps.db, { id });
    travel(60);
    await sweep(deps);
    await delivered(all);
    expect(await mailsOf(all, ['failed'])).toEqual([]);
    expect(await messagesTo(newcomer.email)).toHaveLength(1);
    for (const to of all.mailboxes) {
      const keys = (await messagesTo(to)).map(({ idempotencyKey }) => idempotencyKey);
      expect(new Set(keys).size, to).toBe(keys.length);
    }
  },
);

test('Resend slower than the consumer waits: the answer is the same, and two attempts are one mail', async () => {
  const silent = { send: async () => {} } as unknown as Queue<MailJob>;
  const gatehouse = startGatehouse({}, { MAIL_QUEUE: silent });
  const ada = person();
  const { status, body } = await timed(() => gatehouse.post('/signup', ada));
  expect(status).toBe(200);
  const [mail] = await query<{ id: string }>('SELECT id FROM email_outbox WHERE recipient = $1', [ada.email]);
  const ids = [mail?.id ?? ''];
  const [hasty, patient] = [startJobs({ MAIL_TIMEOUT_MS: '200' }), startJobs()];
  await failMail({ to: ada.email, kind: 'slow', slowSeconds: 2, next: 1 });
  expect([...(await deliver(hasty.deps, ids)).keys()]).toEqual(ids);
  patient.travel(60);
  expect((await deliver(patient.deps, ids)).size).toBe(0);
  const code = codeIn(await nextMessageTo(ada.email));
  await expect
    .poll(async () => (await attemptsTo(ada.email)).map(({ outcome }) => outcome))
    .toEqual(['slow', 'accepted', 'repeated']);
  expect(await messagesTo(ada.email)).toHaveLength(1);
  expect((await gatehouse.post('/verify-email', { id: body.data.id, code })).status).toBe(200);
});
