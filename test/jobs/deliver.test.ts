/** What happens to a mail when the provider, the consumer or the database fails. */
import { expect, test } from 'vitest';
import { bury } from '../../src/jobs/dead-letter.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { claimMails } from '../../src/store/outbox-claim.ts';
import { query } from '../support/control-client.ts';
import { attemptsTo, failMail, messagesTo } from '../support/mailbox.ts';
import { accountWithoutMail, outboxRow, oweMail, oweMails, startJobs } from '../support/outbox.ts';

async function owed() {
  const ada = await accountWithoutMail();
  return { ...ada, mailId: await oweMail(ada.id) };
}
const outcomes = async (email: string) => (await attemptsTo(email)).map(({ outcome }) => outcome);

test('a mail that is delivered five times, one after another and at once, is sent once', async () => {
  const { deps } = startJobs();
  const { email, mailId } = await owed();
  await Promise.all(Array.from({ length: 5 }, () => deliver(deps, [mailId])));
  for (let again = 0; again < 5; again++) expect((await deliver(deps, [mailId])).size).toBe(0);
  expect(await outcomes(email)).toEqual(['accepted']);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent', attempts: 1, failure: null });
});

test('a provider that is down is tried again after 2 and 4 seconds, and never a fourth time', async () => {
  const { deps, travel } = startJobs({ MAIL_BACKOFF_SECONDS: '2' });
  const { email, mailId } = await owed();
  await failMail({ to: email, kind: 'down' });
  const wait = async () => (await deliver(deps, [mailId])).get(mailId)?.afterSeconds ?? Number.NaN;
  // Doubled each time, plus up to half as much again, at random.
  expect([2, 3]).toContain(await wait());
  expect(await outboxRow(mailId)).toMatchObject({ status: 'pending', finished_at: null });
  expect(await deliver(deps, [mailId])).toEqual(new Map());
  travel(3);
  expect([4, 5, 6]).toContain(await wait());
  travel(6);
  for (let again = 0; again < 3; again++)
    expect(await deliver(deps, [mailId])).toEqual(new Map([[mailId, { afterSeconds: 0 }]]));
  expect(await outcomes(email)).toEqual(['down', 'down', 'down']);
});

test('a provider that is slow for 30 seconds is abandoned after the timeout, and the other mails of the batch are sent', async () => {
  const [{ deps: hasty }, { deps: patient }] = [
    startJobs({ MAIL_TIMEOUT_MS: '300', MAIL_CONCURRENCY: '1' }),
    startJobs(),
  ];
  const [slow, fast] = [await owed(), await owed()];
  await failMail({ to: slow.email, kind: 'timeout' });
  // The ones that answer have all the time that the machine needs.
  const send: typeof hasty.mailer.send = (letter) =>
    (letter.to === slow.email ? hasty : patient).mailer.send(letter);
  const again = await deliver({ ...hasty, mailer: { send } }, [slow.mailId, fast.mailId]);
  expect([...again.keys()]).toEqual([slow.mailId]);
  expect(await outboxRow(slow.mailId)).toMatchObject({ status: 'pending', attempts: 1, failure: 'timeout' });
  expect(await outboxRow(fast.mailId)).toMatchObject({ status: 'sent' });
});

test('a provider that accepts and then drops the connection has sent once after the retry', async () => {
  const { deps, travel } = startJobs();
  const { email, mailId } = await owed();
  await failMail({ to: email, kind: 'drop', next: 1 });
  expect((await deliver(deps, [mailId])).size).toBe(1);
  travel(2);
  expect((await deliver(deps, [mailId])).size).toBe(0);
  expect(await outcomes(email)).toEqual(['drop', 'repeated']);
  expect(await messagesTo(email)).toHaveLength(1);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent', provider_id: expect.any(String) });
});

test('a consumer killed before it sent is followed, after its lease and not before, by one that sends', async () => {
  const { deps, travel } = startJobs();
  const { email, mailId } = await owed();
  const claimed = await claimMails(deps.db, [mailId], new Date(Date.now() + 60_000), deps.now());
  expect(claimed.claimed).toHaveLength(1);
  expect((await deliver(deps, [mailId])).size).toBe(0);
  expect(await outcomes(email)).toEqual([]);
  travel(61);
  expect((await deliver(deps, [mailId])).size).toBe(0);
  expect(await outcomes(email)).toEqual(['accepted']);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent', attempts: 2 });
});

test('a consumer killed between send and mark is followed by one whose same key sends nothing new', async () => {
  const { deps, travel } = startJobs();
  const { email, mailId } = await owed();
  const execute = deps.db.execute.bind(deps.db);
  let statements = 0;
  const losing = Object.create(deps.db, {
    execute: {
      value: (statement: Parameters<typeof execute>[0]) => {
        statements += 1;
        if (statements === 2) throw new Error('the consumer died');
        return execute(statement);
      },
    },
  });
  await expect(deliver({ ...deps, db: losing }, [mailId])).rejects.toThrow('died');
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sending', attempts: 1 });
  travel(120);
  await deliver(deps, [mailId]);
  expect(await outcomes(email)).toEqual(['accepted', 'repeated']);
  expect(await messagesTo(email)).toHaveLength(1);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent' });
});

test('a 429 is waited out as long as Retry-After says, costs no attempt and holds back the rest of the batch', async () => {
  const { deps, travel } = startJobs({ MAIL_CONCURRENCY: '1' });
  const ada = await accountWithoutMail();
  const ids = await oweMails(ada.id, 3);
  await failMail({ to: ada.email, kind: '429', retryAfterSeconds: 7, next: 1 });
  const queued: unknown[] = [];
  const quiet = {
    ...deps,
    mailQueue: { ...deps.mailQueue, send: async (...args: unknown[]) => queued.push(args) },
  };
  expect((await deliver(quiet, ids)).size).toBe(0);
  expect(queued).toHaveLength(3);
  for (const args of queued) expect(args).toEqual([{ id: expect.any(String) }, { delaySeconds: 7 }]);
  expect(await outcomes(ada.email)).toEqual(['429']);
  for (const id of ids) expect(await outboxRow(id)).toMatchObject({ status: 'pending', attempts: 0 });
  travel(5);
  await deliver(quiet, ids);
  expect(await outcomes(ada.email)).toEqual(['429']);
  travel(2);
  await deliver(quiet, ids);
  expect(await outcomes(ada.email)).toEqual(['429', 'accepted', 'accepted', 'accepted']);
});

test('a permanent refusal is not tried again and is reported without the address', async () => {
  const { deps, reports } = startJobs();
  const { email, mailId } = await owed();
  await failMail({ to: email, kind: 'refused', next: 1 });
  expect((await deliver(deps, [mailId])).size).toBe(0);
  await deliver(deps, [mailId]);
  expect(await outcomes(email)).toEqual(['refused']);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'failed', failure: '422 validation_error' });
  expect(reports).toContainEqual(expect.objectContaining({ event: 'mail.refused', mailId }));
  expect(JSON.stringify(reports)).not.toContain(email);
});

test('a batch is reported by what became of its mails', async () => {
  const { deps, reports } = startJobs();
  const [sent, again, refused, skipped] = [await owed(), await owed(), await owed(), await owed()];
  await failMail({ to: again.email, kind: '500', next: 1 });
  await failMail({ to: refused.email, kind: 'refused', next: 1 });
  await query(`INSERT INTO mail_suppressions VALUES ($1, 'bounced', now())`, [skipped.email]);
  const second = await owed();
  await deliver(
    deps,
    [sent, again, refused, skipped, second].map(({ mailId }) => mailId),
  );
  expect(reports).toContainEqual({
    event: 'mail.batch',
    ...{ sent: 2, skipped: 1, again: 1, throttled: 0, failed: 1 },
  });
});

test('a mail that differs from the one accepted under its key counts as sent, and no second one is sent', async () => {
  const { deps, travel } = startJobs();
  const { email, mailId } = await owed();
  await failMail({ to: email, kind: 'drop', next: 1 });
  await deliver(deps, [mailId]);
  await query(`UPDATE users SET name = 'Augusta' WHERE email = $1`, [email]);
  travel(2);
  await deliver(deps, [mailId]);
  expect(await messagesTo(email)).toHaveLength(1);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent' });
});

test('a mail whose fate is unknown is not sent again once the provider has forgotten its key', async () => {
  const { deps, travel, reports } = startJobs();
  const { email, mailId } = await owed();
  await failMail({ to: email, kind: 'drop', next: 1 });
  await deliver(deps, [mailId]);
  travel(23 * 3_600 + 60);
  expect(await deliver(deps, [mailId])).toEqual(new Map([[mailId, { afterSeconds: 0 }]]));
  await bury(deps, [mailId]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'failed' });
  expect(reports).toContainEqual(expect.objectContaining({ event: 'mail.dead', mailId }));
  expect(await outcomes(email)).toEqual(['drop']);
});

test('a mail that is owed to a person who is deleted is still sent, also at its second attempt, and its address is then forgotten', async () => {
  const { deps, travel } = startJobs();
  const { id, email, mailId } = await owed();
  await query('DELETE FROM users WHERE id = $1', [id]);
  await failMail({ to: email, kind: '500', next: 1 });
  expect((await deliver(deps, [mailId])).size).toBe(1);
  expect(await outboxRow(mailId)).toMatchObject({ user_id: null, recipient: email });
  travel(60);
  expect((await deliver(deps, [mailId])).size).toBe(0);
  expect(await outcomes(email)).toEqual(['500', 'accepted']);
  expect(await outboxRow(mailId)).toMatchObject({ user_id: null, recipient: null });
});
