import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { linkTokenIn, type Message, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, type Person, person, resident, signUp } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };
const NEW = 'a brand new kettle';

const forgot = (gatehouse: Gatehouse, { email }: { email: string }) =>
  gatehouse.post('/forgot-password', { email });
const reset = (gatehouse: Gatehouse, token: string, newPassword = NEW) =>
  gatehouse.post('/reset-password', { token, newPassword });

async function resetMail(gatehouse: Gatehouse, who: Person): Promise<Message> {
  const [newest] = await messagesTo(who.email);
  expect((await forgot(gatehouse, who)).status).toBe(200);
  return nextMessageTo(who.email, newest && { after: newest });
}

const eventsOf = (email: string, kinds: string) =>
  query<{ kind: string }>(
    `SELECT kind FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind LIKE $2 ORDER BY security_events.id`,
    [email, kinds],
  );

test('a reset sets the password, ends every session, opens none and tells the person', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mail = await resetMail(gatehouse, ada);
  expect(mail.text).toContain(`${new URL(gatehouse.config.issuer).origin}/reset-password#token=`);

  const answer = await reset(gatehouse, linkTokenIn(mail));
  expect(answer).toMatchObject({ status: 200, body: { data: null } });

  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
  expect((await login(gatehouse, ada)).status).toBe(401);
  expect((await login(gatehouse, { ...ada, password: NEW })).status).toBe(200);
  const notice = await nextMessageTo(ada.email, { after: mail });
  expect(notice.subject).toBe('Your Gatehouse password was changed');
  expect(notice.text).toMatch(/When: .* UTC\nFrom: /);
  expect(await eventsOf(ada.email, 'reset.%')).toEqual([
    { kind: 'reset.requested' },
    { kind: 'reset.completed' },
  ]);
});

test('known, unknown and unproven addresses get the same answer for the same trips; only the first gets mail', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const unproven = person('unproven');
  const { mail } = await signUp(gatehouse, unproven);
  const answers = [];
  for (const who of [ada, unproven, person('nobody')])
    answers.push(await gatehouse.tripsOf(() => forgot(gatehouse, who)));
  for (const { count, answer } of answers) {
    expect(count).toBe(1);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(answers[0]?.answer.body);
    expect(steadyHeaders(answer)).toEqual(answers[0] && steadyHeaders(answers[0].answer));
  }
  await expect.poll(async () => (await messagesTo(ada.email)).length, { timeout: 20_000 }).toBe(2);
  expect((await messagesTo(unproven.email)).map(({ id }) => id)).toEqual([mail.id]);
});

test('the link of another network voids nothing: of two live links either works, and then both are void', async () => {
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

test('the same reset sent again is answered alike and changes nothing, for as long as the link would have lived', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  for (const { status } of await Promise.all([reset(gatehouse, token), reset(gatehouse, token)]))
    expect(status).toBe(200);
  expect(await eventsOf(ada.email, 'reset.completed')).toHaveLength(1);
  expect((await login(gatehouse, { ...ada, password: NEW })).status).toBe(200);
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
  expect((await login(gatehouse, { ...ada, password: NEW })).status).toBe(200);
});

test('a used link is dead once the password is another one, even if that is set back', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const tokens = [];
  for (const password of [NEW, 'another brand new kettle', NEW]) {
    const mail = await resetMail(gatehouse, ada);
    const token = linkTokenIn(mail);
    tokens.push(token);
    expect((await reset(gatehouse, token, password)).status).toBe(200);
    await nextMessageTo(ada.email, { after: mail });
  }
  const [first = ''] = tokens;
  expect(await reset(gatehouse, first)).toMatchObject(REFUSED);
});

test('used five times at once, a link sets one password and mails one notice', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const passwords = Array.from({ length: 5 }, (_, i) => `new kettle number ${i}`);
  const answers = await Promise.all(passwords.map((password) => reset(gatehouse, token, password)));

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(REFUSED);
  const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
  expect((await login(gatehouse, { ...ada, password: winner })).status).toBe(200);
  expect(await eventsOf(ada.email, 'reset.completed')).toHaveLength(1);
  const notices = await query(
    `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = 'password_changed'`,
    [ada.email],
  );
  expect(notices).toHaveLength(1);
});

test('no login or refresh that races a reset outlives it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const [done, ...raced] = await Promise.all([
    reset(gatehouse, token),
    login(gatehouse, ada),
    login(gatehouse, ada),
    ...Array.from({ length: 5 }, () => gatehouse.post('/refresh', { refreshToken: ada.refreshToken })),
  ]);
  expect(done?.status).toBe(200);
  for (const { status, body } of raced) {
    expect([200, 401]).toContain(status);
    if (status === 200)
      expect((await gatehouse.get('/me', { token: body.data.accessToken })).status).toBe(401);
  }
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
  for (const token of [linkTokenIn(signup.mail), `${linkTokenIn(signup.mail).slice(0, -2)}AA`, 'x']) {
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

test('a login that is let in just before the reset is logged out by it, one just after is refused', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const [before, done, after] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => reset(gatehouse, token), trips: 2 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect([before?.status, done?.status, after?.status]).toEqual([200, 200, 401]);
  expect((await gatehouse.get('/me', { token: before?.body.data.accessToken })).status).toBe(401);
});
