/** What an operator sees in the outbox and repairs, by `npm run mail`. */
import { expect, test } from 'vitest';
import { deliver } from '../../src/jobs/deliver.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { liftSuppression, listMails, replayMails } from '../../src/store/outbox-admin.ts';
import { query } from '../support/control-client.ts';
import { attemptsTo, failMail, nextMessageTo } from '../support/mailbox.ts';
import { accountWithoutMail, outboxRow, oweMail, oweMails, startJobs } from '../support/outbox.ts';

const { deps } = startJobs();

async function failedMail() {
  const ada = await accountWithoutMail();
  const mailId = await oweMail(ada.id);
  await failMail({ to: ada.email, kind: 'refused', next: 1 });
  await deliver(deps, [mailId]);
  return { ...ada, mailId };
}

test('a failed mail is listed by status, kind and day, with its reason and without its words', async () => {
  const { email, mailId } = await failedMail();
  // The day on which it was written, for midnight may be past.
  const day = (await listMails(deps.db, { id: mailId }, 1))[0]?.createdAt.slice(0, 10);
  const filters = [{ id: mailId }, { id: mailId, status: 'failed', kind: 'already_registered', day }];
  for (const filter of filters) {
    expect(await listMails(deps.db, filter, 5)).toMatchObject([
      { id: mailId, to: email, status: 'failed', attempts: 1, failure: '422 validation_error' },
    ]);
  }
  for (const other of [{ status: 'sent' }, { kind: 'verify_email' }, { day: '2001-01-01' }])
    expect(await listMails(deps.db, { id: mailId, ...other }, 5)).toEqual([]);
});

test('the mails to one address are listed newest first, up to the number given, and no others', async () => {
  const [ada, bob] = [await accountWithoutMail(), await accountWithoutMail()];
  await oweMail(bob.id);
  const [older] = await oweMails(ada.id, 1, new Date(Date.now() - 60_000));
  const newer = await oweMail(ada.id);
  const listed = async (limit: number) =>
    (await listMails(deps.db, { to: ada.email }, limit)).map(({ id }) => id);
  expect(await listed(5)).toEqual([newer, older]);
  expect(await listed(1)).toEqual([newer]);
});

test('a replayed mail is sent by the next sweep, with all its attempts and the key it always had', async () => {
  const { email, mailId } = await failedMail();
  // Queued a moment ago, as it was when it failed.
  await query(
    `UPDATE email_outbox SET created_at = now() - interval '2 days', queued_at = now() WHERE id = $1`,
    [mailId],
  );
  expect(await replayMails(deps.db, { id: mailId })).toEqual([mailId]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'pending', failure: null, finished_at: null });
  await sweep(deps);
  expect(await nextMessageTo(email)).toMatchObject({ idempotencyKey: mailId });
  await expect.poll(() => outboxRow(mailId)).toMatchObject({ status: 'sent', attempts: 1 });
});

test('all failed mails of a day are replayed at once, and nothing else is', async () => {
  const ada = await accountWithoutMail();
  const mails = await oweMails(ada.id, 6, new Date('2001-02-03T12:00:00Z'));
  const [sent = '', other = '', skipped = '', ...failed] = mails;
  const set = `UPDATE email_outbox SET status = $2, finished_at = now(), created_at = $3 WHERE id = $1`;
  const noon = '2001-02-03T23:59:59Z';
  await query(set, [sent, 'sent', noon]);
  await query(set, [other, 'failed', '2001-02-04T00:00:00Z']);
  await query(set, [skipped, 'skipped', noon]);
  for (const id of failed) await query(set, [id, 'failed', noon]);
  const both = await Promise.all([1, 2].map(() => replayMails(deps.db, { day: '2001-02-03' })));
  expect(both.flat().sort()).toEqual([...failed].sort());
  expect(await outboxRow(sent)).toMatchObject({ status: 'sent' });
  expect(await outboxRow(other)).toMatchObject({ status: 'failed' });
  expect(await outboxRow(skipped)).toMatchObject({ status: 'skipped' });
  // Owed since 2001, they would make the service look not ready in the next health check.
  await query('DELETE FROM email_outbox WHERE user_id = $1', [ada.id]);
});

test('a mail that was sent or is being sent is never replayed', async () => {
  const ada = await accountWithoutMail();
  const mailId = await oweMail(ada.id);
  expect(await replayMails(deps.db, { id: mailId })).toEqual([]);
  await deliver(deps, [mailId]);
  expect(await replayMails(deps.db, { id: mailId })).toEqual([]);
  expect(await attemptsTo(ada.email)).toHaveLength(1);
});

test('an address is mailed again once its suppression is lifted', async () => {
  const ada = await accountWithoutMail();
  await query(`INSERT INTO mail_suppressions VALUES ($1, 'bounced', now())`, [ada.email]);
  const mailId = await oweMail(ada.id);
  await deliver(deps, [mailId]);
  expect(await listMails(deps.db, { id: mailId }, 1)).toMatchObject([
    { status: 'skipped', isSuppressed: true },
  ]);
  // It would only be skipped again.
  expect(await replayMails(deps.db, { id: mailId })).toEqual([]);
  expect(await liftSuppression(deps.db, ada.email)).toBe(true);
  expect(await liftSuppression(deps.db, ada.email)).toBe(false);
  await replayMails(deps.db, { id: mailId });
  await deliver(deps, [mailId]);
  expect(await attemptsTo(ada.email)).toMatchObject([{ outcome: 'accepted' }]);
});
