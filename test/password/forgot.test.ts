import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { eventsOf } from '../support/history.ts';
import { linkTokenIn, messagesTo } from '../support/mailbox.ts';
import { loggedIn, login, person, resident } from '../support/person.ts';

const HOUR = 3_600;

type Asking = { client?: string; deviceToken?: string };
const forgot = async (
  gatehouse: Gatehouse,
  email: string,
  { client = freshClient(), deviceToken }: Asking = {},
) => {
  const body = { email, ...(deviceToken && { deviceToken }) };
  const answer = await gatehouse.post('/forgot-password', body, { headers: { 'CF-Connecting-IP': client } });
  expect(answer).toMatchObject({ status: 200, body: { data: null } });
};

const resets = (email: string) =>
  query<{ status: string; failure: string | null }>(
    `SELECT status, failure FROM email_outbox WHERE kind = 'reset_password' AND recipient = $1 ORDER BY id`,
    [email],
  );
const mailed = async (email: string) =>
  (await resets(email)).filter(({ status }) => status !== 'skipped').length;

test('while a link is live, its own network gets no other; another network gets one more, and then nobody does', async () => {
  const gatehouse = startGatehouse();
  const { email } = await resident(gatehouse);
  const client = freshClient();
  for (const count of [1, 1, 1]) {
    await forgot(gatehouse, email, { client });
    expect(await mailed(email)).toBe(count);
  }
  for (const count of [2, 2, 2]) {
    await forgot(gatehouse, email);
    expect(await mailed(email)).toBe(count);
  }
  expect((await resets(email)).filter(({ failure }) => failure === 'budget')).toHaveLength(4);
  // Each is in the history, and a link that was not mailed opens nothing.
  expect(await eventsOf(email, 'reset.%')).toEqual(Array(6).fill('reset.requested'));
  const links = await query<{ is_owners: boolean; is_live: boolean }>(
    `SELECT t.user_id IS NOT NULL AS is_owners, t.expires_at > t.created_at AS is_live
     FROM password_reset_tokens t JOIN email_outbox o ON o.id = t.id WHERE o.recipient = $1`,
    [email],
  );
  expect(links.filter(({ is_owners }) => is_owners)).toHaveLength(2);
  expect(links.filter(({ is_live }) => is_live)).toHaveLength(2);
});

test('once a link has expired the next request mails again', async () => {
  const gatehouse = startGatehouse();
  const { email } = await resident(gatehouse);
  const client = freshClient();
  await forgot(gatehouse, email, { client });
  gatehouse.clock.travel(HOUR - 60);
  await forgot(gatehouse, email, { client });
  expect(await mailed(email)).toBe(1);
  gatehouse.clock.travel(61);
  await forgot(gatehouse, email, { client });
  expect(await mailed(email)).toBe(2);
});

test('a known device is mailed the second link from the network that asked for the first', async () => {
  const gatehouse = startGatehouse();
  const { email, deviceToken } = await loggedIn(gatehouse);
  const client = freshClient();
  await forgot(gatehouse, email, { client });
  await forgot(gatehouse, email, { client, deviceToken });
  expect(await mailed(email)).toBe(2);
  await forgot(gatehouse, email, { client, deviceToken });
  expect(await mailed(email)).toBe(2);
});

test('a device cookie counts like a device token', async () => {
  const gatehouse = startGatehouse();
  const { email, deviceToken } = await loggedIn(gatehouse);
  const client = freshClient();
  await forgot(gatehouse, email, { client });
  const headers = {
    'CF-Connecting-IP': client,
    'X-Gatehouse-Transport': 'cookie',
    Origin: new URL(gatehouse.config.issuer).origin,
    Cookie: `__Host-device=${deviceToken}`,
  };
  expect((await gatehouse.post('/forgot-password', { email }, { headers })).status).toBe(200);
  expect(await mailed(email)).toBe(2);
});

test("a device token of one's own account, or of a password that was changed, is no known device", async () => {
  const gatehouse = startGatehouse();
  const [ada, mallory] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'mallory')];
  const client = freshClient();
  await forgot(gatehouse, ada.email, { client });
  await forgot(gatehouse, ada.email, { client, deviceToken: mallory.deviceToken });
  expect(await mailed(ada.email)).toBe(1);

  await expect.poll(() => messagesTo(ada.email)).toHaveLength(2);
  const [link] = (await messagesTo(ada.email)).filter(({ text }) => text.includes('/reset-password#'));
  if (link === undefined) throw new Error('a link was mailed');
  const done = { token: linkTokenIn(link), newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/reset-password', done)).status).toBe(200);
  await forgot(gatehouse, ada.email, { client });
  await forgot(gatehouse, ada.email, { client, deviceToken: ada.deviceToken });
  expect(await mailed(ada.email)).toBe(2);
});

test('requests of many networks at once mail two links, of one network one', async () => {
  const gatehouse = startGatehouse({ LIMITS: 'forgot=1000/60' });
  const [ada, bob] = [await resident(gatehouse), await resident(gatehouse, 'bob')];
  const client = freshClient();
  await Promise.all(
    Array.from({ length: 10 }, () => [
      forgot(gatehouse, ada.email),
      forgot(gatehouse, bob.email, { client }),
    ]).flat(),
  );
  expect([await mailed(ada.email), await mailed(bob.email)]).toEqual([2, 1]);
});

test('a mail that was given up is in no mailbox: the next request mails another', async () => {
  const gatehouse = startGatehouse();
  const { email } = await resident(gatehouse);
  const client = freshClient();
  await forgot(gatehouse, email, { client });
  await expect.poll(() => resets(email)).toMatchObject([{ status: 'sent' }]);
  await query(`UPDATE email_outbox SET status = 'failed' WHERE recipient = $1`, [email]);
  await forgot(gatehouse, email, { client });
  expect(await mailed(email)).toBe(2);
});

test('a mail that was not sent because the address had bounced is in no mailbox: once it may be mailed, the next request mails', async () => {
  const gatehouse = startGatehouse();
  const { email } = await resident(gatehouse);
  const client = freshClient();
  await query(`INSERT INTO mail_suppressions VALUES ($1, 'bounced', now())`, [email]);
  await forgot(gatehouse, email, { client });
  await expect.poll(() => resets(email)).toEqual([{ status: 'skipped', failure: 'suppressed' }]);
  await query('DELETE FROM mail_suppressions WHERE address = $1', [email]);
  await forgot(gatehouse, email, { client });
  expect(await mailed(email)).toBe(1);
});

test('requests for an address without an account leave links without an account, which delay no later account', async () => {
  const gatehouse = startGatehouse();
  const { email } = person();
  for (let time = 0; time < 3; time++) await forgot(gatehouse, email);
  expect(await resets(email)).toEqual([]);
  const ada = await resident(gatehouse, 'ada');
  await query('UPDATE users SET email = $1 WHERE email = $2', [email, ada.email]);
  await forgot(gatehouse, email);
  await forgot(gatehouse, email);
  expect(await mailed(email)).toBe(2);
});

test('a disabled account gets no mail and its links are dead, with the same answer and the same work', async () => {
  const gatehouse = startGatehouse();
  const [ada, open] = [await resident(gatehouse), await resident(gatehouse, 'open')];
  await forgot(gatehouse, ada.email);
  await expect.poll(() => resets(ada.email)).toMatchObject([{ status: 'sent' }]);
  const [link] = await messagesTo(ada.email);
  if (link === undefined) throw new Error('a link was mailed');
  await query('UPDATE users SET disabled_at = now() WHERE email = $1', [ada.email]);

  const work = async (email: string) =>
    (await gatehouse.workOf(() => gatehouse.post('/forgot-password', { email }))).work;
  expect(await work(ada.email)).toEqual(await work(open.email));
  expect(await work(ada.email)).toEqual(await work(open.email));
  expect(await mailed(ada.email)).toBe(1);
  const why = `SELECT reason FROM security_events e JOIN users u ON u.id = e.user_id
    WHERE u.email = $1 AND e.kind = 'reset.requested' ORDER BY e.id`;
  const refused = { reason: 'account_disabled' };
  expect(await query(why, [ada.email])).toEqual([{ reason: null }, refused, refused]);
  const reset = { token: linkTokenIn(link), newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/reset-password', reset)).toMatchObject({ status: 400 });
  expect((await login(gatehouse, { ...ada, password: reset.newPassword })).status).toBe(401);
});
