import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, type Person, type Tokens, verify } from '../support/person.ts';

const remove = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens) =>
  gatehouse.call('DELETE', '/me', { password }, { token: accessToken });
const meOf = async (gatehouse: Gatehouse, { accessToken }: Tokens) =>
  (await gatehouse.get('/me', { token: accessToken })).body.data;

test('the name can be changed, and nothing else', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const before = await meOf(gatehouse, ada);
  const answer = await gatehouse.call('PATCH', '/me', { name: 'Ada K.' }, { token: ada.accessToken });
  expect(answer).toMatchObject({ status: 200, body: { data: { ...before, name: 'Ada K.' } } });
  expect(await meOf(gatehouse, ada)).toEqual({ ...before, name: 'Ada K.' });
  const other = await gatehouse.call(
    'PATCH',
    '/me',
    { name: 'x', email: 'x@example.com' },
    { token: ada.accessToken },
  );
  expect(other.status).toBe(422);
  expect((await gatehouse.get('/events', { token: ada.accessToken })).body.data.events[0].kind).toBe(
    'profile.changed',
  );
});

test('deletion asks for the password', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  expect(await remove(gatehouse, { ...ada, password: 'not the password' })).toMatchObject({
    status: 403,
    body: { code: 'wrong_password' },
  });
  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(200);
});

test('deletion leaves nothing of the person: no row, no session, no waiting mail, events without identity', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await gatehouse.post(
    '/login',
    { email: ada.email, password: 'wrong' },
    { headers: { 'User-Agent': `ua ${ada.email}` } },
  );
  await gatehouse.post('/forgot-password', { email: ada.email });
  const { id } = await meOf(gatehouse, ada);
  const events = await query<{ id: string }>('SELECT id FROM security_events WHERE user_id = $1', [id]);
  expect(events.length).toBeGreaterThan(3);

  expect((await remove(gatehouse, ada)).status).toBe(200);

  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
  expect((await login(gatehouse, ada)).status).toBe(401);
  await expect
    .poll(async () => (await messagesTo(ada.email)).map(({ subject }) => subject), { timeout: 5_000 })
    .toContain('Your Gatehouse account is deleted');
  for (const table of [
    'user_sessions',
    'verification_tokens',
    'password_reset_tokens',
    'email_outbox',
    'security_events',
  ])
    expect(await query(`SELECT FROM ${table} WHERE user_id = $1`, [id]), table).toEqual([]);
  const kept = await query<Record<string, unknown>>(
    'SELECT kind, user_id, session_id, client, user_agent, request_id FROM security_events WHERE id = ANY($1)',
    [events.map((event) => event.id)],
  );
  expect(kept).toHaveLength(events.length);
  for (const { kind, ...rest } of kept) {
    expect(kind).toEqual(expect.any(String));
    expect(Object.values(rest)).toEqual([null, null, null, null, null]);
  }
});

test('nothing in the database names the person once the farewell is sent', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { id } = await meOf(gatehouse, ada);
  await remove(gatehouse, ada);
  const tables = await query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  expect(tables.length).toBeGreaterThanOrEqual(6);
  const traces = async () => {
    const found = [];
    for (const { name } of tables)
      found.push(
        ...(await query(
          `SELECT t FROM ${name} t WHERE strpos(to_jsonb(t)::text, $1) > 0 OR strpos(to_jsonb(t)::text, $2) > 0`,
          [ada.email, id],
        )),
      );
    return found;
  };
  await expect.poll(traces, { timeout: 5_000 }).toEqual([]);
});

test('the address of a deleted account can be signed up again', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { id } = await meOf(gatehouse, ada);
  await remove(gatehouse, ada);
  await expect.poll(async () => (await messagesTo(ada.email)).length, { timeout: 5_000 }).toBe(2);
  const [farewell] = await messagesTo(ada.email);
  const answer = await gatehouse.post('/signup', {
    name: ada.name,
    email: ada.email,
    password: ada.password,
  });
  expect(answer.status).toBe(200);
  const mail = await nextMessageTo(ada.email, farewell && { after: farewell });
  await verify(gatehouse, { id: answer.body.data.id, mail });
  expect((await login(gatehouse, ada)).body.data.user.id).not.toBe(id);
});

test('a deletion that races refreshes, logins and itself deletes once and leaves no session', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '20' });
  for (let round = 0; round < 3; round++) {
    const ada = await loggedIn(gatehouse);
    const { id } = await meOf(gatehouse, ada);
    const answers = await Promise.all([
      remove(gatehouse, ada),
      remove(gatehouse, ada),
      login(gatehouse, ada),
      gatehouse.post('/forgot-password', { email: ada.email }),
      ...Array.from({ length: 10 }, () => gatehouse.post('/refresh', { refreshToken: ada.refreshToken })),
    ]);
    const [first, second] = answers;
    expect([first?.status, second?.status].filter((status) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect(status).toBeLessThan(500);
    expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
    expect(await query('SELECT FROM user_sessions WHERE user_id = $1', [id])).toEqual([]);
  }
});

test('a deletion that races a stolen token, a logout and a reset request fails none of them', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '20' });
  for (let round = 0; round < 4; round++) {
    const ada = await loggedIn(gatehouse);
    const { id } = await meOf(gatehouse, ada);
    const phone = (await login(gatehouse, ada)).body.data;
    await gatehouse.post('/refresh', { refreshToken: ada.refreshToken });
    gatehouse.clock.travel(60);
    const answers = await Promise.all([
      remove(gatehouse, { ...ada, accessToken: phone.accessToken }),
      // These write events and mails that refer to the person while the row goes.
      new Promise((resolve) => setTimeout(resolve, 95 + round * 10)).then(() =>
        Promise.all([
          gatehouse.post('/refresh', { refreshToken: ada.refreshToken }),
          gatehouse.delete('/sessions', { token: phone.accessToken }),
          gatehouse.post('/logout', { refreshToken: ada.refreshToken }),
          gatehouse.post('/forgot-password', { email: ada.email }),
        ]),
      ),
    ]);
    for (const { status } of answers.flat() as { status: number }[]) expect(status).toBeLessThan(500);
    expect(answers[0].status).toBe(200);
    expect(await query('SELECT FROM users WHERE id = $1', [id])).toEqual([]);
  }
});

test('whoever comes just before a deletion goes with it, whoever comes just after finds nothing', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { id } = await meOf(gatehouse, ada);
  const [before, removed, after, forgot] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => remove(gatehouse, ada), trips: 2 },
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => gatehouse.post('/forgot-password', { email: ada.email }), trips: 1 },
  ]);
  expect([before?.status, removed?.status, after?.status, forgot?.status]).toEqual([200, 200, 401, 200]);
  expect((await gatehouse.get('/me', { token: before?.body.data.accessToken })).status).toBe(401);
  expect(await query('SELECT FROM password_reset_tokens WHERE user_id = $1', [id])).toEqual([]);
});

test('the export holds everything about the person and no secret', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const { status, body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    account: { ...(await meOf(gatehouse, ada)), locale: 'en', emailVerifiedAt: expect.stringMatching(/Z$/) },
    sessions: [{ endedAt: null, transport: 'body' }],
    addressChanges: [],
    passwordResets: [{ expiresAt: expect.stringMatching(/Z$/) }],
  });
  const kinds = body.data.events.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(['signup.requested', 'signup.verified', 'login.success', 'reset.requested']);
  expect(body.data.mails.map(({ kind }: { kind: string }) => kind)).toEqual([
    'verify_email',
    'reset_password',
  ]);
  const [secrets] = await query<{ password_hash: string; secret_hash: string }>(
    `SELECT password_hash, encode(secret_hash, 'hex') AS secret_hash FROM users u JOIN user_sessions s ON s.user_id = u.id WHERE email = $1`,
    [ada.email],
  );
  for (const secret of Object.values(secrets ?? {})) expect(JSON.stringify(body)).not.toContain(secret);
});

test("an export and a deletion touch no one else's data", async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mallory = await loggedIn(gatehouse, 'mallory');
  const { body } = await gatehouse.get('/me/export', { token: mallory.accessToken });
  expect(JSON.stringify(body)).not.toContain(ada.email);
  await remove(gatehouse, mallory);
  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(200);
  expect((await gatehouse.get('/events', { token: ada.accessToken })).body.data.events).toHaveLength(3);
});
