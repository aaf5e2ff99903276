/** What the sweep queues, gives up and deletes, and what it leaves alone. */
import { expect, test } from 'vitest';
import { sweep } from '../../src/jobs/sweep.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { hold } from '../support/hold.ts';
import { attemptsTo, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { askToMove, freshAddress } from '../support/move.ts';
import { accountWithoutMail, outboxRow, oweMail, oweMails, startJobs } from '../support/outbox.ts';
import { loggedIn, person } from '../support/person.ts';

/** Jobs whose queue only records what is sent to it. */
function recordedJobs(settings: Record<string, string> = {}) {
  const { deps, reports } = startJobs(settings);
  const queued: string[] = [];
  const sizes: number[] = [];
  const sendBatch = async (jobs: { body: { id: string } }[]) => {
    queued.push(...jobs.map(({ body }) => body.id));
    sizes.push(jobs.length);
  };
  return { deps: { ...deps, mailQueue: { ...deps.mailQueue, sendBatch } }, reports, queued, sizes };
}

const anHourAgo = () => new Date(Date.now() - 3_600_000);

test('two sweeps at once queue a mail once, wait for nobody, and the next one does not queue it again at once', async () => {
  const { id } = await accountWithoutMail();
  const ids = await oweMails(id, 30, anHourAgo());
  const { deps, queued } = recordedJobs();
  const ofMine = () => queued.filter((mailId) => ids.includes(mailId)).sort();
  // One row is locked. A sweep that waits for it, or skips it, is then in the middle of its work.
  const [busy = ''] = ids;
  const held = await hold('SELECT id FROM email_outbox WHERE id = $1 FOR UPDATE', [busy]);
  await Promise.all([sweep(deps), sweep(deps)]);
  expect(ofMine()).toEqual(ids.filter((mailId) => mailId !== busy).sort());
  await held.letGo();
  await Promise.all([sweep(deps), sweep(deps)]);
  await sweep(deps);
  expect(ofMine()).toEqual([...ids].sort());
});

test('the sweep waits for no mail that somebody else is changing: it deletes the others, and that one next time', async () => {
  const { id } = await accountWithoutMail();
  const [busy = '', free = ''] = await oweMails(id, 2);
  await query(
    `UPDATE email_outbox SET status = 'sent', finished_at = now() - interval '91 days' WHERE user_id = $1`,
    [id],
  );
  const { deps } = recordedJobs({ MAIL_RETENTION_SECONDS: `${90 * 86_400}` });
  const held = await hold('SELECT id FROM email_outbox WHERE id = $1 FOR UPDATE', [busy]);
  await sweep(deps);
  expect([await outboxRow(busy), await outboxRow(free)]).toEqual([expect.anything(), undefined]);
  await held.letGo();
  await sweep(deps);
  expect(await outboxRow(busy)).toBeUndefined();
});

test('the sweep queues mail that nobody else can be queueing: not in its first 30 s, again after five minutes, a hundred in a call', async () => {
  const { id } = await accountWithoutMail();
  // The clock stands still: the bounds are exact, however slow the machine is.
  const now = Date.now();
  const ago = (seconds: number) => new Date(now - seconds * 1_000);
  await oweMails(id, 1, ago(29));
  const old = await oweMails(id, 101, ago(30));
  const [lately = '', longAgo = ''] = await oweMails(id, 2, ago(3_600));
  const queuedBefore = 'UPDATE email_outbox SET queued_at = $2 WHERE id = $1';
  await query(queuedBefore, [lately, ago(299).toISOString()]);
  await query(queuedBefore, [longAgo, ago(300).toISOString()]);
  const { deps, queued, sizes } = recordedJobs();
  await sweep({ ...deps, now: () => new Date(now) });
  const mine = await query<{ id: string }>('SELECT id FROM email_outbox WHERE user_id = $1', [id]);
  const ofMine = queued.filter((mailId) => mine.some((mail) => mail.id === mailId));
  expect(ofMine.sort()).toEqual([...old, longAgo].sort());
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
});

test('the sweep gives up what has no attempt left, and neither what is being sent nor what has one', async () => {
  const { id } = await accountWithoutMail();
  const [dead = '', sending = '', open = ''] = await oweMails(id, 3, anHourAgo());
  const claimed = `UPDATE email_outbox SET status = 'sending', attempts = $2, claimed_at = now() - interval '1 hour',
    due_at = now() + $3::interval WHERE id = $1`;
  await query(claimed, [dead, 3, '-1 minute']);
  await query(claimed, [sending, 3, '1 minute']);
  await query(claimed, [open, 2, '-1 minute']);
  const { deps, reports, queued } = recordedJobs();
  await sweep(deps);
  expect(await outboxRow(dead)).toMatchObject({
    status: 'failed',
    failure: 'no outcome recorded',
    due_at: null,
  });
  expect(reports).toContainEqual(expect.objectContaining({ event: 'mail.dead', mailId: dead, attempts: 3 }));
  for (const [mailId, attempts] of [
    [sending, 3],
    [open, 2],
  ] as const) {
    expect(await outboxRow(mailId)).toMatchObject({ status: 'sending', attempts });
    expect(reports).not.toContainEqual(expect.objectContaining({ mailId }));
  }
  expect(queued).toContain(open);
  expect(queued).not.toContain(sending);
});

test('a suppression lasts as long as it is kept, and no other goes with it', async () => {
  const [old, young] = [person('old').email, person('young').email];
  const insert = `INSERT INTO mail_suppressions VALUES ($1, 'bounced', now() - $2::interval)`;
  await query(insert, [old, '181 days']);
  await query(insert, [young, '179 days']);
  await sweep(recordedJobs().deps);
  const kept = await query<{ address: string }>(
    'SELECT address FROM mail_suppressions WHERE address = ANY($1)',
    [[old, young]],
  );
  expect(kept).toEqual([{ address: young }]);
});

test('an address that bounced gets no code when somebody wants to change to it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const newEmail = freshAddress();
  await query(`INSERT INTO mail_suppressions VALUES ($1, 'bounced', now())`, [newEmail]);
  const [before] = await messagesTo(ada.email);
  expect((await askToMove(gatehouse, ada, newEmail)).status).toBe(200);
  // The notice is queued together with it, or after it.
  await nextMessageTo(ada.email, before && { after: before });
  const codeMail = () =>
    query(
      `SELECT o.status, o.failure FROM email_outbox o JOIN users u ON u.id = o.user_id
       WHERE u.email = $1 AND o.kind = 'change_email'`,
      [ada.email],
    );
  await expect.poll(codeMail).toEqual([{ status: 'skipped', failure: 'suppressed' }]);
  expect(await attemptsTo(newEmail)).toEqual([]);
});

test('mail that is finished is not queued again', async () => {
  const { id } = await accountWithoutMail();
  const mailId = await oweMail(id);
  await query(`UPDATE email_outbox SET status = 'sent', finished_at = now(), created_at = $2 WHERE id = $1`, [
    mailId,
    anHourAgo().toISOString(),
  ]);
  const { deps, queued } = recordedJobs();
  await sweep(deps);
  expect(queued).not.toContain(mailId);
});
