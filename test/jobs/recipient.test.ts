/** A mail goes to the address it was written for, whatever happens to the person and the address meanwhile. */
import { expect, test } from 'vitest';
import { deliver } from '../../src/jobs/deliver.ts';
import { listMails, replayMails } from '../../src/store/outbox-admin.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, failMail, mendMail, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { outboxRow, startJobs } from '../support/outbox.ts';
import { loggedIn, person } from '../support/person.ts';

/** Nothing is queued: each mail is delivered when the test says so. */
const quiet = { MAIL_QUEUE: { send: async () => {} } as unknown as Queue<{ id: string }> };
const [gatehouse, silent] = [startGatehouse(), startGatehouse({}, quiet)];
const { deps } = startJobs();

const owedTo = (recipient: string): Promise<{ id: string; kind: string }[]> =>
  query(
    `SELECT id, kind FROM email_outbox WHERE recipient = $1 AND status IN ('pending', 'failed') ORDER BY id`,
    [recipient],
  );
const subjectsTo = async (address: string) => (await messagesTo(address)).map(({ subject }) => subject);

async function deliverTo(address: string): Promise<void> {
  for (const { id } of await owedTo(address)) await deliver(deps, [id]);
}

/** Somebody who has requested a change of address; no mail has been sent yet. */
async function moving() {
  const ada = await loggedIn(gatehouse);
  const newEmail = person('moved').email;
  const { status } = await silent.post(
    '/change-email',
    { newEmail, currentPassword: ada.password },
    { token: ada.accessToken },
  );
  expect(status).toBe(200);
  return { ...ada, newEmail };
}

test('the code for a new address goes to the new address, also when it is replayed', async () => {
  const { email, newEmail } = await moving();
  const before = (await messagesTo(email)).length;
  await failMail({ to: newEmail, kind: 'refused', next: 1 });
  await deliverTo(newEmail);
  const [failed] = await owedTo(newEmail);
  expect(await outboxRow(failed?.id ?? '')).toMatchObject({ status: 'failed', recipient: newEmail });
  await replayMails(deps.db, { id: failed?.id });
  await deliverTo(newEmail);
  expect(codeIn(await nextMessageTo(newEmail))).toMatch(/^\d{6}$/);
  expect(await messagesTo(email)).toHaveLength(before);
});

test('a late notice goes to the address it is about, not to the new one', async () => {
  const { email, newEmail, accessToken: token } = await moving();
  await deliverTo(newEmail);
  const code = codeIn(await nextMessageTo(newEmail));
  expect((await silent.post('/change-email/confirm', { code }, { token })).status).toBe(200);
  await deliverTo(email);
  await deliverTo(newEmail);
  expect((await subjectsTo(email)).filter((subject) => /address/.test(subject))).toHaveLength(2);
  expect((await subjectsTo(newEmail)).filter((subject) => /asked/.test(subject))).toEqual([]);
});

test('a change of address followed at once by a deletion leaves no mailbox without its notice', async () => {
  const { email, newEmail, password, accessToken: token } = await moving();
  await deliverTo(newEmail);
  const code = codeIn(await nextMessageTo(newEmail));
  expect((await silent.post('/change-email/confirm', { code }, { token })).status).toBe(200);
  expect((await silent.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  await deliverTo(email);
  await deliverTo(newEmail);
  expect(await subjectsTo(email)).toContainEqual(expect.stringContaining('was changed'));
  expect(await subjectsTo(newEmail)).toContainEqual(expect.stringContaining('is closed'));
});

test('a goodbye mail that failed is listed and replayed; once it is sent nobody can replay it', async () => {
  const ada = await loggedIn(gatehouse);
  await failMail({ to: ada.email, kind: 'refused' });
  await silent.call('DELETE', '/me', { password: ada.password }, { token: ada.accessToken });
  const [farewell] = (await owedTo(ada.email)).filter(({ kind }) => kind === 'account_deleted');
  const id = farewell?.id ?? '';
  await deliver(deps, [id]);
  expect(await listMails(deps.db, { id }, 1)).toMatchObject([{ to: ada.email, status: 'failed' }]);
  await mendMail(ada.email);
  expect(await replayMails(deps.db, { id })).toEqual([id]);
  await deliver(deps, [id]);
  expect(await outboxRow(id)).toMatchObject({ status: 'sent', recipient: null });
  await query(`UPDATE email_outbox SET status = 'skipped' WHERE id = $1`, [id]);
  expect(await replayMails(deps.db, { id })).toEqual([]);
});

test.each([
  [null, 'sent'],
  ['timeout', 'sent'],
  ['no answer application_error', 'sent'],
  ['503 unavailable', 'skipped'],
])(
  'a mail that has become stale after an attempt that ended with %s counts as %s',
  async (failure, status) => {
    const { newEmail } = await moving();
    const [mail] = await owedTo(newEmail);
    const id = mail?.id ?? '';
    // Without a failure: it was sent, and the consumer died before it could record that.
    await query(
      `UPDATE email_outbox SET status = 'sending', attempts = 1, claimed_at = now(), due_at = now(), failure = $2 WHERE id = $1`,
      [id, failure],
    );
    await query('DELETE FROM verification_tokens WHERE mail_id = $1', [id]);
    await deliver(deps, [id]);
    expect(await outboxRow(id)).toMatchObject({ status, attempts: 2 });
  },
);

test('a mail that has become stale before anybody tried to send it is skipped', async () => {
  const { newEmail } = await moving();
  const [mail] = await owedTo(newEmail);
  const id = mail?.id ?? '';
  await query('DELETE FROM verification_tokens WHERE mail_id = $1', [id]);
  await deliver(deps, [id]);
  expect(await outboxRow(id)).toMatchObject({ status: 'skipped', failure: 'stale' });
});
