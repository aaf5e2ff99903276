/** A deletion and other requests for the same person at the same moment: one after the other, and nothing is left. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Answer, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { hold, inThisOrder } from '../support/hold.ts';
import { loggedIn, login, type Person, type Tokens } from '../support/person.ts';

const remove = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens) =>
  gatehouse.call('DELETE', '/me', { password }, { token: accessToken });
const meOf = async (gatehouse: Gatehouse, { accessToken }: Tokens) =>
  (await gatehouse.get('/me', { token: accessToken })).body.data;

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

test.each(['first', 'last'])(
  'a deletion that comes %s when a stolen token, a logout and a reset request come at once fails none of them',
  async (place) => {
    const gatehouse = startGatehouse();
    const ada = await loggedIn(gatehouse);
    const { id } = await meOf(gatehouse, ada);
    const phone = (await login(gatehouse, ada)).body.data;
    const tablet = (await login(gatehouse, ada)).body.data;
    await gatehouse.post('/refresh', { refreshToken: ada.refreshToken });
    gatehouse.clock.travel(60);
    const removal = () => remove(gatehouse, { ...ada, accessToken: phone.accessToken });
    // These write events and mails that refer to the person while the row is being deleted.
    const others = [
      () => gatehouse.post('/refresh', { refreshToken: ada.refreshToken }),
      () => gatehouse.post('/logout', { refreshToken: tablet.refreshToken }),
      () => gatehouse.delete('/sessions', { token: phone.accessToken }),
      () => gatehouse.post('/forgot-password', { email: ada.email }),
    ];
    const held = await hold('SELECT id FROM users WHERE id = $1 FOR UPDATE', [id]);
    const answers: Promise<Answer>[] = [];
    for (const send of place === 'first' ? [removal, ...others] : [...others, removal]) {
      answers.push(send());
      await held.waitedForBy(answers.length);
    }
    await held.letGo();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(place === 'first' ? [200, 401, 200, 401, 200] : [401, 200, 200, 200, 200]);
    expect(await query('SELECT FROM users WHERE id = $1', [id])).toEqual([]);
    expect(await query('SELECT FROM user_sessions WHERE user_id = $1', [id])).toEqual([]);
    expect(await query('SELECT FROM security_events WHERE user_id = $1', [id])).toEqual([]);
  },
);

test('what comes just before a deletion is deleted with it, what comes just after finds nothing', async () => {
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

test('a deletion and a running refresh that ends the session for theft never wait for each other', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { id } = await meOf(gatehouse, ada);
  const phone = (await login(gatehouse, ada)).body.data;
  const next = (await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).body.data;
  await gatehouse.post('/refresh', { refreshToken: next.refreshToken });
  const held = await hold('SELECT id FROM user_sessions WHERE user_id = $1 FOR UPDATE', [id]);
  // The refresh will lock the session and then refer to the person, whom the deletion removes with the session.
  const refused = gatehouse.post('/refresh', { refreshToken: ada.refreshToken });
  await held.waitedForBy(1);
  const removed = remove(gatehouse, { ...ada, accessToken: phone.accessToken });
  await held.waitedForBy(2);
  await held.letGo();
  expect([(await refused).status, (await removed).status]).toEqual([401, 200]);
  expect(await query('SELECT FROM users WHERE id = $1', [id])).toEqual([]);
});
