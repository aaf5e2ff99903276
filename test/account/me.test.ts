import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
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
  const { events, sessions } = (await gatehouse.get('/me/export', { token: ada.accessToken })).body.data;
  expect(events.at(-1)).toMatchObject({ kind: 'profile.changed', sessionId: sessions[0].id });
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
    .poll(async () => (await messagesTo(ada.email)).map(({ subject }) => subject))
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

test('the event of a deletion says neither whose it was nor where the request came from', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token, password } = await loggedIn(gatehouse);
  const ray = crypto.randomUUID().replaceAll('-', '');
  const headers = { 'CF-Ray': ray, 'User-Agent': 'curl/8.5.0' };
  const answer = await gatehouse.call('DELETE', '/me', { password }, { token, headers });
  expect(answer.status).toBe(200);
  const events = await query('SELECT * FROM security_events WHERE request_id = $1', [ray]);
  const nothing = { user_id: null, session_id: null, client: null, user_agent: null, reason: null };
  expect(events).toMatchObject([{ kind: 'account.deleted', ...nothing }]);
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
  await expect.poll(traces).toEqual([]);
});

test('the address of a deleted account can be signed up again', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { id } = await meOf(gatehouse, ada);
  await remove(gatehouse, ada);
  await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(2);
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
