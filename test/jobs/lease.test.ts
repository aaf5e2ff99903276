/** A claim is a lease: while it lasts nobody else gets the mail, and after it the old consumer decides nothing. */
import { expect, test } from 'vitest';
import { deliver } from '../../src/jobs/deliver.ts';
import { later } from '../../src/lib/time.ts';
import { claimMails } from '../../src/store/outbox-claim.ts';
import { hold } from '../support/hold.ts';
import { attemptsTo, failMail } from '../support/mailbox.ts';
import { accountWithoutMail, outboxRow, oweMail, oweMails, startJobs } from '../support/outbox.ts';

type Jobs = ReturnType<typeof startJobs>;

const outcomes = async (email: string) => (await attemptsTo(email)).map(({ outcome }) => outcome);
const claim = ({ deps }: Pick<Jobs, 'deps'>, ids: string[]) =>
  claimMails(deps.db, ids, later(deps.now(), 60), deps.now());

/** A consumer whose lease has ended, and whose send has failed: it wakes when `wake` is called. */
async function sleeper() {
  const jobs = startJobs();
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: 'down', next: 1 });
  let letGo = () => {};
  const asleep = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const send: typeof jobs.deps.mailer.send = async (letter) => {
    const delivery = await jobs.deps.mailer.send(letter);
    await asleep;
    return delivery;
  };
  const delivering = deliver({ ...jobs.deps, mailer: { send } }, [mailId]);
  await expect.poll(() => outcomes(email)).toEqual(['down']);
  jobs.travel(120);
  const wake = () => {
    letGo();
    return delivering;
  };
  return { jobs, mailId, wake };
}

test('of two consumers that claim at the same moment one has the mail', async () => {
  const jobs = startJobs();
  const mailId = await oweMail((await accountWithoutMail()).id);
  const held = await hold('SELECT id FROM email_outbox WHERE id = $1 FOR UPDATE', [mailId]);
  const claims = [claim(jobs, [mailId]), claim(jobs, [mailId])];
  await held.waitedForBy(2);
  await held.letGo();
  const claimed = (await Promise.all(claims)).flatMap((each) => each.claimed);
  expect(claimed).toMatchObject([{ id: mailId, attempts: 1 }]);
});

test('a consumer that wakes after its lease does not undo what another one has recorded', async () => {
  const { jobs, mailId, wake } = await sleeper();
  await deliver(jobs.deps, [mailId]);
  await wake();
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sent', attempts: 2, failure: null });
});

test('a consumer that wakes after its lease does not take the mail from another one that is sending it', async () => {
  const { jobs, mailId, wake } = await sleeper();
  expect((await claim(jobs, [mailId])).claimed).toHaveLength(1);
  await wake();
  expect(await outboxRow(mailId)).toMatchObject({ status: 'sending', attempts: 2, failure: null });
});

test('nobody else gets a mail of a batch while the last of them can still be under way', async () => {
  const { deps } = startJobs({ MAIL_TIMEOUT_MS: '20000', MAIL_CONCURRENCY: '1' });
  let now = Date.now();
  const still = { ...deps, now: () => new Date(now) };
  const { id } = await accountWithoutMail();
  const ids = await oweMails(id, 3);
  const taken: number[] = [];
  const send: typeof deps.mailer.send = async (letter) => {
    if (taken.length === 0) {
      // Three times the timeout, and some time for the statements around it.
      for (const seconds of [70, 30]) {
        now += seconds * 1_000;
        taken.push((await claim({ deps: still }, ids)).claimed.length);
      }
    }
    return deps.mailer.send(letter);
  };
  await deliver({ ...still, mailer: { send } }, ids);
  expect(taken).toEqual([0, 3]);
});

test('a key is as old as the first attempt of its mail: what a later attempt left open is given up with it', async () => {
  const { deps, travel } = startJobs();
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: 'drop' });
  await deliver(deps, [mailId]);
  travel(22 * 3_600);
  await deliver(deps, [mailId]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'pending', attempts: 2 });
  travel(2 * 3_600);
  expect(await deliver(deps, [mailId])).toEqual(new Map([[mailId, { afterSeconds: 0 }]]));
  expect(await attemptsTo(email)).toHaveLength(2);
});

test('after a consumer dies it is unknown whether the mail was sent, whatever the attempt before ended with', async () => {
  const jobs = startJobs();
  const { id, email } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await failMail({ to: email, kind: '500', next: 1 });
  await deliver(jobs.deps, [mailId]);
  jobs.travel(60);
  expect((await claim(jobs, [mailId])).claimed).toMatchObject([{ attempts: 2, isFateUnknown: false }]);
  jobs.travel(120);
  expect((await claim(jobs, [mailId])).claimed).toMatchObject([{ attempts: 3, isFateUnknown: true }]);
  // While the last attempt is under way nobody else gives the mail up.
  expect(await deliver(jobs.deps, [mailId])).toEqual(new Map());
  jobs.travel(120);
  expect(await deliver(jobs.deps, [mailId])).toEqual(new Map([[mailId, { afterSeconds: 0 }]]));
});
