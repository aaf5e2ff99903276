import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { login, person, resident, signUp } from '../support/person.ts';
import { eventsOf, NEW_PASSWORD, REFUSED, reset, resetMail } from '../support/reset.ts';

test('a link requested from another network voids nothing: of two live links either works, and then both are void', async () => {
  const gatehouse = startGatehouse();
  for (const used of [0, 1]) {
    const ada = await resident(gatehouse);
    const tokens = [await resetMail(gatehouse, ada), await resetMail(gatehouse, ada)].map(linkTokenIn);
    const [token = '', other = ''] = used === 0 ? tokens : tokens.toReversed();
    expect((await reset(gatehouse, token)).status).toBe(200);
    expect(await reset(gatehouse, other)).toMatchObject(REFUSED);
    expect(await reset(gatehouse, token, 'another new kettle')).toMatchObject(REFUSED);
  }
});

/** Everything that a reset writes. */
const stateOf = (email: string) =>
  query(
    `SELECT to_jsonb(u) AS person, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.id) FROM user_sessions s WHERE s.user_id = u.id) AS sessions,
       (SELECT jsonb_agg(to_jsonb(t)) FROM password_reset_tokens t WHERE t.user_id = u.id) AS links,
       (SELECT count(*) FROM security_events e WHERE e.user_id = u.id) AS events,
       (SELECT count(*) FROM email_outbox o WHERE o.user_id = u.id) AS mails
     FROM users u WHERE u.email = $1`,
    [email],
  );

test('the same reset sent again gets the same answer and changes nothing, for as long as the link would have lived', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  for (const { status } of await Promise.all([reset(gatehouse, token), reset(gatehouse, token)]))
    expect(status).toBe(200);
  expect(await eventsOf(ada.email, 'reset.completed')).toHaveLength(1);
  expect((await login(gatehouse, { ...ada, password: NEW_PASSWORD })).status).toBe(200);
  const before = await stateOf(ada.email);
  expect((await reset(gatehouse, token)).status).toBe(200);
  expect(await stateOf(ada.email)).toEqual(before);
  gatehouse.clock.travel(3_601);
  expect(await reset(gatehouse, token)).toMatchObject(REFUSED);
});

test('a used link is one guess at the password at most, however many come at once', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  expect((await reset(gatehouse, token)).status).toBe(200);
  const guesses = Array.from({ length: 4 }, (_, i) => reset(gatehouse, token, `a wrong kettle ${i}`));
  for (const answer of await Promise.all(guesses)) expect(answer).toMatchObject(REFUSED);
  expect(await reset(gatehouse, token)).toMatchObject(REFUSED);
  expect((await login(gatehouse, { ...ada, password: NEW_PASSWORD })).status).toBe(200);
});

test('a used link is dead once the password is another one, even if that is set back', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const tokens = [];
  for (const password of [NEW_PASSWORD, 'another brand new kettle', NEW_PASSWORD]) {
    const mail = await resetMail(gatehouse, ada);
    const token = linkTokenIn(mail);
    tokens.push(token);
    expect((await reset(gatehouse, token, password)).status).toBe(200);
    await nextMessageTo(ada.email, { after: mail });
  }
  const [first = ''] = tokens;
  expect(await reset(gatehouse, first)).toMatchObject(REFUSED);
});

test('a password that is not acceptable leaves the link as it was', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const { count, answer } = await gatehouse.tripsOf(() => reset(gatehouse, token, 'short'));
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'newPassword' }] } });
  expect(count).toBe(0);
  expect((await reset(gatehouse, token)).status).toBe(200);
});

test('a link lives for an hour', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  gatehouse.clock.travel(3_601);
  expect(await reset(gatehouse, token)).toMatchObject(REFUSED);
});

test('a forged link, and a link mailed for something else, cost no trip', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const signup = await signUp(gatehouse, ada);
  for (const token of [linkTokenIn(signup.mail), withOtherMac(linkTokenIn(signup.mail)), 'x']) {
    const { count, answer } = await gatehouse.tripsOf(() => reset(gatehouse, token));
    expect(answer).toMatchObject(REFUSED);
    expect(count).toBe(0);
  }
});

test('the link follows the configuration and never the Host header; the database holds nothing of it', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const [before] = await messagesTo(ada.email);
  await gatehouse.post(
    '/forgot-password',
    { email: ada.email },
    { headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' } },
  );
  const mail = await nextMessageTo(ada.email, before && { after: before });
  expect(mail.text + mail.html).not.toContain('evil.example');
  expect(mail.text).not.toMatch(/\?token=/);

  const rows = await query(
    `SELECT row_to_json(t) AS token, row_to_json(o) AS mail FROM password_reset_tokens t
     JOIN email_outbox o ON o.id = t.id JOIN users u ON u.id = t.user_id WHERE u.email = $1`,
    [ada.email],
  );
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(linkTokenIn(mail));
});
