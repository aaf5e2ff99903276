/** A whole journey with marked secrets: none of them is in a log, an event, the outbox, the queue or Sentry. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { ApiBindings } from '../../src/env.ts';
import { linesOf } from '../support/console.ts';
import { clearFault, fault, query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { login, person, signUp, verify } from '../support/person.ts';
import { sentryDsn } from '../support/sentry-client.ts';

test('no secret and no address leaves the house by a side door', async () => {
  const { dsn, envelopes } = sentryDsn();
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn, LOG_LEVEL: 'debug' });
  const ada = { ...person('marked-ada'), name: 'Marked Name' };
  const changed = 'marked other password';
  const secrets: string[] = [ada.password, changed, ada.email, ada.name, 'Mozilla marked', '203.0.113.77'];
  const headers = { 'CF-Connecting-IP': '203.0.113.77', 'User-Agent': 'Mozilla marked' };
  const queued: unknown[] = [];
  const queue = (env as unknown as ApiBindings).MAIL_QUEUE;
  const send = queue.send.bind(queue);
  queue.send = (...message) => {
    queued.push(message);
    return send(...message);
  };

  const { lines } = await linesOf(async () => {
    const { id, mail } = await signUp(gatehouse, ada);
    await gatehouse.post('/verify-email', { id, code: '000000' });
    await gatehouse.post('/verify-email', { token: linkTokenIn(mail), password: changed });
    secrets.push(codeIn(mail), linkTokenIn(mail));
    await verify(gatehouse, { id, mail });
    await gatehouse.post('/signup', ada, { headers });
    await gatehouse.post('/login', { email: ada.email, password: changed }, { headers });
    const { accessToken: token, refreshToken } = (await login(gatehouse, ada)).body.data;
    secrets.push(token, refreshToken);
    await gatehouse.get('/me', { token, headers });
    await gatehouse.get('/me', { token: `${token.slice(0, -4)}AAAA` });
    const refreshed = (await gatehouse.post('/refresh', { refreshToken })).body.data;
    secrets.push(refreshed.accessToken, refreshed.refreshToken);
    gatehouse.clock.travel(11);
    await gatehouse.post('/refresh', { refreshToken });
    await gatehouse.post('/logout', { refreshToken: refreshed.refreshToken });
    await gatehouse.call('POST', '/login', undefined, {
      raw: `{"email":"${ada.email}","password":"${changed}`,
    });
    await gatehouse.get(`/${ada.password}?token=${refreshToken}`);
    await expect.poll(async () => (await messagesTo(ada.email)).length, { timeout: 10_000 }).toBe(3);
    const [newest] = await messagesTo(ada.email);
    await gatehouse.post('/forgot-password', { email: ada.email }, { headers });
    const resetLink = linkTokenIn(await nextMessageTo(ada.email, newest && { after: newest }));
    await gatehouse.post('/reset-password', { token: resetLink, newPassword: changed }, { headers });
    secrets.push(resetLink);
    for (const fail of ['XX000', 'refuse']) {
      await fault(gatehouse.name, { fail });
      await gatehouse.post('/signup', ada, { headers });
      await login(gatehouse, ada);
      await clearFault(gatehouse.name);
    }
    // The mails about the second sign-up, the reuse and the reset run through the jobs Worker, in this isolate.
    await expect.poll(async () => (await messagesTo(ada.email)).length, { timeout: 10_000 }).toBe(5);
  });
  queue.send = send;

  const outbox = await query(
    'SELECT o.* FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1',
    [ada.email],
  );
  const events = await query(
    'SELECT e.* FROM security_events e JOIN users u ON u.id = e.user_id WHERE u.email = $1',
    [ada.email],
  );
  const reported = await envelopes();
  expect([lines.length > 15, queued.length, outbox.length, events.length > 5, reported.length]).toEqual([
    true,
    5,
    5,
    true,
    2,
  ]);

  const sinks = { lines, queued, outbox, reported };
  const credentials = secrets.flatMap((secret) => [
    secret,
    ...secret.split('.').filter((part) => part.length > 40),
  ]);
  for (const [sink, content] of Object.entries(sinks)) {
    for (const secret of credentials) expect(JSON.stringify(content), sink).not.toContain(secret);
  }
  // Events may say from where: that is what they are for. They hold no credential and no address of the person.
  const [, , , , agent, client] = secrets;
  for (const secret of credentials.filter((each) => each !== agent && each !== client))
    expect(JSON.stringify(events)).not.toContain(secret);
});
