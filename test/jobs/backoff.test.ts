/** How long a delivery waits when the database, not the provider, has failed. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { consume } from '../../src/jobs/consume.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { fault } from '../support/control-client.ts';
import { attemptsTo, failMail } from '../support/mailbox.ts';
import { accountWithoutMail, oweMail, startJobs } from '../support/outbox.ts';

test.each([
  ['gatehouse-mail', 1, 7],
  ['gatehouse-mail', 2, 14],
  ['gatehouse-mail', 4, 56],
  ['gatehouse-mail', 30, 3_600],
  ['gatehouse-mail-dead', 1, 60],
])(
  'a database that is down holds a message of %s, delivery %i, back for %i s',
  async (queue, attempts, delay) => {
    const name = `jobs-${crypto.randomUUID()}`;
    const { DATABASE_URL } = env as unknown as Record<string, string>;
    const { deps, reports } = startJobs({
      DATABASE_URL: `${DATABASE_URL}?application_name=${name}`,
      MAIL_BACKOFF_SECONDS: '7',
    });
    await fault(name, { fail: 'refuse' });
    const asked: unknown[] = [];
    const message = {
      id: 'm',
      timestamp: new Date(),
      body: { id: crypto.randomUUID() },
      attempts,
      ack: () => asked.push('ack'),
      retry: (options: unknown) => asked.push(options),
    };
    const batch = { messages: [message], ackAll() {}, retryAll() {}, metadata: undefined as never, queue };
    await consume(deps, batch);
    expect(asked).toEqual([{ delaySeconds: delay }]);
    expect(reports).toMatchObject([{ event: 'jobs.fault', isOutage: true }]);
  },
);

test.each([
  [0, 1],
  [90, 90],
  [100_000, 43_200],
])(
  'a provider that asks for %i s is given %i: never none, and no more than the queue can wait',
  async (asked, given) => {
    const { deps } = startJobs();
    const mailId = await oweMail((await accountWithoutMail()).id);
    const queued: unknown[] = [];
    const mailer = {
      send: async () => ({ result: 'throttled' as const, failure: '429 x', afterSeconds: asked }),
    };
    const mailQueue = { ...deps.mailQueue, send: async (...args: unknown[]) => queued.push(args) };
    await deliver({ ...deps, mailer, mailQueue }, [mailId]);
    expect(queued).toEqual([[{ id: mailId }, { delaySeconds: given }]]);
  },
);

test('a message that comes a second before its back-off has ended by our clock is served, two seconds before it is not', async () => {
  const { deps } = startJobs();
  let now = Date.now();
  const still = { ...deps, now: () => new Date(now) };
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: '500', next: 1 });
  const wait = (await deliver(still, [mailId])).get(mailId)?.afterSeconds ?? Number.NaN;
  now += wait * 1_000 - 2_000;
  await deliver(still, [mailId]);
  expect(await attemptsTo(email)).toHaveLength(1);
  now += 1_000;
  await deliver(still, [mailId]);
  expect(await attemptsTo(email)).toHaveLength(2);
});
