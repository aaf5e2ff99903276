import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startStill } from '../support/gatehouse.ts';
import { messagesTo } from '../support/mailbox.ts';
import { otherSpellings, withOtherMac } from '../support/other-spellings.ts';
import { loggedIn, login } from '../support/person.ts';

const REFUSED = { status: 401, body: { code: 'invalid_refresh_token' } };
const refresh = (gatehouse: Gatehouse, refreshToken: string) => gatehouse.post('/refresh', { refreshToken });

test('50 parallel refreshes with one token give one successor, byte for byte, and no logout', async () => {
  const gatehouse = startStill();
  const { refreshToken } = await loggedIn(gatehouse);
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(gatehouse, refreshToken)));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const successors = new Set(answers.map(({ body }) => body.data.refreshToken));
  expect(successors.size).toBe(1);
  expect(successors.has(refreshToken)).toBe(false);
  expect((await refresh(gatehouse, answers[0]?.body.data.refreshToken)).status).toBe(200);
});

test('an older generation ends the session for all, stores the event and tells the owner', async () => {
  const gatehouse = startStill();
  const thief = await loggedIn(gatehouse);
  const second = (await refresh(gatehouse, thief.refreshToken)).body.data;
  const third = (await refresh(gatehouse, second.refreshToken)).body.data;

  expect(await refresh(gatehouse, thief.refreshToken)).toMatchObject(REFUSED);

  for (const { refreshToken } of [second, third])
    expect(await refresh(gatehouse, refreshToken)).toMatchObject(REFUSED);
  for (const { accessToken: token } of [thief, second, third]) {
    expect((await gatehouse.get('/me', { token })).status).toBe(401);
  }
  const events = await query(
    `SELECT kind FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind LIKE 'token.%'`,
    [thief.email],
  );
  expect(events).toEqual([{ kind: 'token.reuse_detected' }]);
  await expect
    .poll(async () => (await messagesTo(thief.email)).map(({ subject }) => subject))
    .toContain('We ended one of your Gatehouse sessions');
});

test('the generation before the live one is answered for 10 seconds and is reuse after that', async () => {
  const gatehouse = startStill();
  const { refreshToken } = await loggedIn(gatehouse);
  const successor = (await refresh(gatehouse, refreshToken)).body.data.refreshToken;
  gatehouse.clock.travel(5);
  expect((await refresh(gatehouse, refreshToken)).body.data.refreshToken).toBe(successor);
  gatehouse.clock.travel(6);
  expect(await refresh(gatehouse, refreshToken)).toMatchObject(REFUSED);
  expect(await refresh(gatehouse, successor)).toMatchObject(REFUSED);
});

test('a racing reuse revokes once and mails once', async () => {
  const gatehouse = startStill();
  const { refreshToken, email } = await loggedIn(gatehouse);
  await refresh(gatehouse, refreshToken);
  gatehouse.clock.travel(60);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(gatehouse, refreshToken)));
  for (const answer of answers) expect(answer).toMatchObject(REFUSED);
  const mails = await query(
    `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = 'refresh_token_reused'`,
    [email],
  );
  expect(mails).toHaveLength(1);
});

test('a token that we did not sign costs no trip and revokes nothing', async () => {
  const gatehouse = startStill();
  const { refreshToken, accessToken } = await loggedIn(gatehouse);
  const [header, payload, signature] = refreshToken.split('.');
  const unsigned = `${btoa('{"alg":"none","typ":"rt+jwt"}').replaceAll('=', '')}.${payload}.`;
  const older = btoa(atob(payload ?? '').replace('"gen":0', '"gen":7')).replaceAll('=', '');
  const garbage = [
    'x',
    'a.b.c',
    unsigned,
    `${header}.${older}.${signature}`,
    withOtherMac(refreshToken),
    accessToken,
    ...otherSpellings(refreshToken),
  ];
  for (const token of garbage) {
    const { count, answer } = await gatehouse.tripsOf(() => refresh(gatehouse, token));
    expect(answer).toMatchObject(REFUSED);
    expect(count).toBe(0);
  }
  expect((await refresh(gatehouse, refreshToken)).status).toBe(200);
});

test('a session ends after 7 idle days', async () => {
  const gatehouse = startStill();
  const { refreshToken, ...who } = await loggedIn(gatehouse);
  const unused = (await login(gatehouse, who)).body.data.refreshToken;
  gatehouse.clock.travel(6 * 86_400);
  const next = (await refresh(gatehouse, refreshToken)).body.data.refreshToken;
  gatehouse.clock.travel(86_400 + 1);
  expect(await refresh(gatehouse, unused)).toMatchObject(REFUSED);
  gatehouse.clock.travel(6 * 86_400);
  expect(await refresh(gatehouse, next)).toMatchObject(REFUSED);
});

test('a session ends after 30 days however busy it is, and so does its last access token', async () => {
  const gatehouse = startStill();
  let { refreshToken } = await loggedIn(gatehouse);
  for (let day = 0; day < 30; day += 6) {
    gatehouse.clock.travel(6 * 86_400 - (day === 24 ? 60 : 0));
    const { status, body } = await refresh(gatehouse, refreshToken);
    expect(status).toBe(200);
    refreshToken = body.data.refreshToken;
    if (day === 24) expect(body.data.expiresIn).toBeLessThanOrEqual(60);
  }
  gatehouse.clock.travel(61);
  expect(await refresh(gatehouse, refreshToken)).toMatchObject(REFUSED);
});

test('the stored half of a session cannot be turned into a token', async () => {
  const gatehouse = startStill();
  const { refreshToken, email } = await loggedIn(gatehouse);
  const { sec } = JSON.parse(atob(refreshToken.split('.')[1] ?? ''));
  const [row] = await query<{ row: unknown }>(
    'SELECT row_to_json(s) AS row FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1',
    [email],
  );
  const hex = Buffer.from(sec, 'base64url').toString('hex');
  expect(row).toBeDefined();
  expect(JSON.stringify(row)).not.toContain(hex);
  expect(JSON.stringify(row)).not.toContain(sec);
});
