/** A whole journey with marked secrets: none of them is in a log, an event, the outbox, the queue or Sentry. */
import { expect, test } from 'vitest';
import { clearFault, fault } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { login, person, signUp, verify } from '../support/person.ts';
import { sentryDsn } from '../support/sentry-client.ts';
import { expectNone, storedOf, watched } from '../support/sinks.ts';

/** Events may say from where: that is what they are for. */
const from = { 'CF-Connecting-IP': '203.0.113.77', 'User-Agent': 'Mozilla marked' };
const changed = 'marked other password';

test('on the way to an account, in and out again, and through a reset', async () => {
  const { dsn, envelopes } = sentryDsn();
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn, LOG_LEVEL: 'debug' });
  const ada = { ...person('marked-ada'), name: 'Marked Name' };
  const secrets: string[] = [ada.password, changed, ada.email, ada.name];

  const { lines, queued } = await watched(async () => {
    const { id, mail } = await signUp(gatehouse, ada);
    await gatehouse.post('/verify-email', { id, code: '000000' });
    await gatehouse.post('/verify-email', { token: linkTokenIn(mail), password: changed });
    secrets.push(codeIn(mail), linkTokenIn(mail));
    await verify(gatehouse, { id, mail });
    await gatehouse.post('/signup', ada, { headers: from });
    await gatehouse.post('/login', { email: ada.email, password: changed }, { headers: from });
    const { accessToken: token, refreshToken } = (await login(gatehouse, ada)).body.data;
    secrets.push(token, refreshToken);
    await gatehouse.get('/me', { token, headers: from });
    await gatehouse.get('/me', { token: withOtherMac(token) });
    const refreshed = (await gatehouse.post('/refresh', { refreshToken })).body.data;
    secrets.push(refreshed.accessToken, refreshed.refreshToken);
    gatehouse.clock.travel(11);
    await gatehouse.post('/refresh', { refreshToken });
    await gatehouse.post('/logout', { refreshToken: refreshed.refreshToken });
    await gatehouse.call('POST', '/login', undefined, {
      raw: `{"email":"${ada.email}","password":"${changed}`,
    });
    await gatehouse.get(`/${ada.password}?token=${refreshToken}`);
    await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(3);
    const [newest] = await messagesTo(ada.email);
    await gatehouse.post('/forgot-password', { email: ada.email }, { headers: from });
    const resetLink = linkTokenIn(await nextMessageTo(ada.email, newest && { after: newest }));
    await gatehouse.post('/reset-password', { token: resetLink, newPassword: changed }, { headers: from });
    secrets.push(resetLink);
    for (const fail of ['XX000', 'refuse']) {
      await fault(gatehouse.name, { fail });
      await gatehouse.post('/signup', ada, { headers: from });
      await login(gatehouse, ada);
      await clearFault(gatehouse.name);
    }
    // The mails about the second sign-up, the reuse and the reset run through the jobs Worker, in this isolate.
    await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(5);
  });

  const { outbox, events } = await storedOf(ada.email);
  const reported = await envelopes();
  expect([lines.length > 15, queued.length, outbox.length, events.length > 5, reported.length]).toEqual([
    true,
    5,
    5,
    true,
    2,
  ]);
  expectNone([...secrets, ...Object.values(from)], { lines, queued, outbox, reported });
  expectNone(secrets, { events });
});

test('while an account is used by a browser and a client, changed, moved and deleted', async () => {
  const { dsn, envelopes } = sentryDsn();
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn, LOG_LEVEL: 'debug' });
  const ada = { ...person('marked-ada'), name: 'Marked Name' };
  const [moved, renamed] = [person('marked-moved').email, 'Marked Newer Name'];
  const secrets = [ada.password, changed, ada.email, moved, ada.name, renamed];
  await verify(gatehouse, await signUp(gatehouse, ada));
  let stored: Awaited<ReturnType<typeof storedOf>> | undefined;

  const { lines, queued } = await watched(async () => {
    const browser = { ...from, Origin: gatehouse.config.issuer, 'X-Gatehouse-Transport': 'cookie' };
    const { email, password } = ada;
    const cookies = (await gatehouse.post('/login', { email, password }, { headers: browser })).headers
      .getSetCookie()
      .map((line) => line.split(';')[0] ?? '');
    secrets.push(...cookies.map((cookie) => cookie.slice(cookie.indexOf('=') + 1)));
    const Cookie = cookies.join('; ');
    await gatehouse.post('/refresh', {}, { headers: { ...browser, Cookie } });
    await gatehouse.post('/logout', {}, { headers: { ...browser, Cookie } });

    const { accessToken: token, refreshToken, deviceToken } = (await login(gatehouse, ada)).body.data;
    secrets.push(token, refreshToken, deviceToken);
    const own = { token, headers: from };
    await gatehouse.call('PATCH', '/me', { name: renamed }, own);
    for (const currentPassword of [changed, password]) {
      const { body } = await gatehouse.post(
        '/change-password',
        { currentPassword, newPassword: changed },
        own,
      );
      if (body.data) secrets.push(body.data.accessToken, body.data.refreshToken, body.data.deviceToken);
    }
    // The code, the new device and the changed password.
    await expect.poll(async () => (await messagesTo(email)).length).toBe(3);
    const [newest] = await messagesTo(email);
    await gatehouse.post('/change-email', { newEmail: moved, currentPassword: changed }, own);
    const code = codeIn(await nextMessageTo(moved));
    const cancelLink = linkTokenIn(await nextMessageTo(email, newest && { after: newest }));
    secrets.push(code, cancelLink);
    await gatehouse.post('/change-email/confirm', { code: '000000' }, own);
    expect((await gatehouse.post('/change-email/confirm', { code }, own)).status).toBe(200);
    for (const path of ['/me/export', '/events', '/sessions'])
      expect((await gatehouse.get(path, own)).status, path).toBe(200);
    await gatehouse.delete('/sessions', own);
    await fault(gatehouse.name, { fail: 'XX000' });
    await gatehouse.call('DELETE', '/me', { password: changed }, own);
    await clearFault(gatehouse.name);
    // The outbox holds an address only while a mail to it waits.
    const isSent = async () => {
      stored = await storedOf(moved);
      return stored.outbox.every(({ status }) => status === 'sent');
    };
    await expect.poll(isSent).toBe(true);
    expect((await gatehouse.call('DELETE', '/me', { password: changed }, own)).status).toBe(200);
    await expect
      .poll(async () => (await messagesTo(moved)).map(({ subject }) => subject))
      .toContainEqual(expect.stringContaining('closed'));
    await gatehouse.post('/change-email/cancel', { token: cancelLink }, { headers: from });
  });

  const reported = await envelopes();
  expect([lines.length > 15, queued.length > 3, reported.length]).toEqual([true, true, 1]);
  expectNone([...secrets, ...Object.values(from)], { lines, queued, reported });
  expectNone(secrets, { ...stored });
});
