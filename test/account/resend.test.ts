/** A new code for a waiting sign-up: when one is mailed, and what happens to the code before it. */
import { expect, test } from 'vitest';
import { otherThan } from '../support/code.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { hold } from '../support/hold.ts';
import { codeIn, nextMessageTo } from '../support/mailbox.ts';
import { person, signUp, verify } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };

test('a resend mails a new code, voids the one before and keeps the count of tries', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  await gatehouse.post('/verify-email', { id, code: otherThan(codeIn(mail)) });

  expect((await gatehouse.post('/verify-email/resend', { id })).status).toBe(200);
  const newer = await nextMessageTo(mail.to, { after: mail });

  expect(codeIn(newer)).not.toBe(codeIn(mail));
  expect(await gatehouse.post('/verify-email', { id, code: codeIn(mail) })).toMatchObject(REFUSED);
  expect(await query('SELECT tries FROM verification_tokens WHERE user_id = $1', [id])).toEqual([
    { tries: 2 },
  ]);
  expect((await gatehouse.post('/verify-email', { id, code: codeIn(newer) })).status).toBe(200);
});

test('a resend gets the same answer when the sign-up is unknown, proven or out of resends', async () => {
  const gatehouse = startGatehouse({ VERIFICATION_RESENDS: '1' });
  const { id, mail } = await signUp(gatehouse, person());
  const proven = await signUp(gatehouse, person('proven'));
  await verify(gatehouse, proven);
  const first = await gatehouse.post('/verify-email/resend', { id });
  await nextMessageTo(mail.to, { after: mail });
  const exhausted = await gatehouse.post('/verify-email/resend', { id });
  const unknown = await gatehouse.post('/verify-email/resend', { id: crypto.randomUUID() });
  expect(exhausted).toMatchObject({ status: 200, body: first.body });
  expect(unknown).toMatchObject({ status: 200, body: first.body });
  expect(await gatehouse.post('/verify-email/resend', { id: proven.id })).toMatchObject({
    status: 200,
    body: first.body,
  });
  const owed = (signup: string) =>
    query(
      `SELECT id FROM email_outbox WHERE user_id = $1 AND kind = 'verify_email' AND failure IS DISTINCT FROM 'budget'`,
      [signup],
    );
  expect(await owed(id)).toHaveLength(2);
  expect(await owed(proven.id)).toHaveLength(1);
});

test('a sign-up that has expired is mailed no new code, and out of resends means that no mail is owed', async () => {
  const gatehouse = startGatehouse({ VERIFICATION_RESENDS: '2' });
  const mails = (id: string) =>
    query(`SELECT status, failure FROM email_outbox WHERE user_id = $1 AND failure = 'budget'`, [id]);
  const resends = (id: string) => query('SELECT resends FROM verification_tokens WHERE user_id = $1', [id]);
  const { id } = await signUp(gatehouse, person());
  for (let time = 0; time < 4; time++) await gatehouse.post('/verify-email/resend', { id });
  expect(await resends(id)).toEqual([{ resends: 2 }]);
  expect(await mails(id)).toEqual(Array(2).fill({ status: 'skipped', failure: 'budget' }));

  const late = await signUp(gatehouse, person('late'));
  gatehouse.clock.travel(86_401);
  expect((await gatehouse.post('/verify-email/resend', { id: late.id })).status).toBe(200);
  expect(await resends(late.id)).toEqual([{ resends: 0 }]);
  expect(await query('SELECT kind FROM email_outbox WHERE user_id = $1', [late.id])).toHaveLength(1);
});

test('the history says why a resend mailed nothing, also where there is no sign-up', async () => {
  const gatehouse = startGatehouse({ VERIFICATION_RESENDS: '1' });
  const { id } = await signUp(gatehouse, person());
  const ray = crypto.randomUUID().replaceAll('-', '');
  for (const asked of [id, id, crypto.randomUUID()])
    await gatehouse.post('/verify-email/resend', { id: asked }, { headers: { 'CF-Ray': ray } });
  const events = `SELECT user_id, reason FROM security_events
    WHERE request_id = $1 AND kind = 'verify.resent' ORDER BY id`;
  expect(await query(events, [ray])).toEqual([
    { user_id: id, reason: null },
    { user_id: id, reason: 'mail_budget' },
    { user_id: null, reason: 'not_open' },
  ]);
});

test('of two resends at the same moment one uses the last one left, and the other mails nothing', async () => {
  const gatehouse = startGatehouse({ VERIFICATION_RESENDS: '1' });
  const { id } = await signUp(gatehouse, person());
  const held = await hold('SELECT id FROM verification_tokens WHERE user_id = $1 FOR UPDATE', [id]);
  const resend = () => gatehouse.post('/verify-email/resend', { id });
  const first = resend();
  await held.waitedForBy(1);
  const second = resend();
  await held.waitedForBy(2);
  await held.letGo();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  const owed = `SELECT failure IS DISTINCT FROM 'budget' AS is_mailed FROM email_outbox WHERE user_id = $1 ORDER BY id`;
  const mails = await query<{ is_mailed: boolean }>(owed, [id]);
  expect(mails.map(({ is_mailed }) => is_mailed)).toEqual([true, true, false]);
});
