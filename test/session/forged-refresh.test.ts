/**
 * Refresh tokens that are signed with our key and yet were never given to anybody: the signature alone opens nothing,
 * and what does not belong to the session does nothing to it.
 */
import { expect, test } from 'vitest';
import { decodeRefreshToken, encodeRefreshToken, type RefreshToken } from '../../src/token/refresh-token.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, type Person, type Tokens } from '../support/person.ts';

async function forged({ config, clock }: Gatehouse, { refreshToken }: Tokens, change: Partial<RefreshToken>) {
  const token = await decodeRefreshToken(config.refreshTokenSecrets, refreshToken, clock.now());
  if (token === undefined) throw new Error('the token is ours');
  return encodeRefreshToken(config.refreshTokenSecrets, { ...token, ...change });
}

const eventsOf = async ({ email }: Person, kind: string) =>
  query('SELECT e.id FROM security_events e JOIN users u ON u.id = user_id WHERE email = $1 AND kind = $2', [
    email,
    kind,
  ]);

test.each<[string, Partial<RefreshToken>]>([
  ['another secret', { secret: 'x'.repeat(43) }],
  ['a generation that is still to come', { generation: 7 }],
  ['a session that is not there', { sessionId: crypto.randomUUID() }],
])('a token of %s refreshes nothing and ends nothing', async (_, change) => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const refreshToken = await forged(gatehouse, ada, change);
  expect(await gatehouse.post('/refresh', { refreshToken })).toMatchObject({
    status: 401,
    body: { code: 'invalid_refresh_token' },
  });
  expect(await eventsOf(ada, 'token.reuse_detected')).toEqual([]);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(200);
});

test('a logout with another secret ends no session', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const refreshToken = await forged(gatehouse, ada, { secret: 'x'.repeat(43) });
  expect((await gatehouse.post('/logout', { refreshToken })).status).toBe(200);
  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(200);
  expect(await eventsOf(ada, 'logout')).toEqual([]);
});

test('a second logout is no second event, and leaves the end of the session as it was', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { refreshToken } = ada;
  const endedAt = () =>
    query('SELECT revoked_at FROM user_sessions s JOIN users u ON u.id = user_id WHERE email = $1', [
      ada.email,
    ]);
  await gatehouse.post('/logout', { refreshToken });
  const ended = await endedAt();
  gatehouse.clock.travel(60);
  await gatehouse.post('/logout', { refreshToken });
  expect(await endedAt()).toEqual(ended);
  expect(await eventsOf(ada, 'logout')).toHaveLength(1);
});
