/** Tokens that we signed and that say something else than the session: worth nothing, and they end nothing. */
import { expect, test } from 'vitest';
import {
  decodeRefreshToken,
  encodeRefreshToken,
  newSessionSecret,
  type RefreshToken,
} from '../../src/token/refresh-token.ts';
import type { Gatehouse } from '../support/gatehouse.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf } from '../support/history.ts';
import { loggedIn } from '../support/person.ts';
import { REFUSED } from '../support/refresher.ts';

/** The token of a session, signed again with other claims. */
async function changed(
  { config, clock }: Gatehouse,
  refreshToken: string,
  claims: Partial<RefreshToken>,
): Promise<string> {
  const token = await decodeRefreshToken(config.refreshTokenSecrets, refreshToken, clock.now());
  if (token === undefined) throw new Error('a token of ours');
  return encodeRefreshToken(config.refreshTokenSecrets, { ...token, ...claims });
}

test.each([
  ['another secret', () => ({ secret: newSessionSecret() })],
  ['the next generation', () => ({ generation: 2 })],
  ['a generation far to come', () => ({ generation: 2_000 })],
  ['another session', () => ({ sessionId: crypto.randomUUID() })],
] as const)('%s refreshes nothing, logs nobody out and is no reuse', async (_, claims) => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { deviceToken } = ada;
  const live = (await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).body.data.refreshToken;
  const refreshToken = await changed(gatehouse, live, claims());

  expect(await gatehouse.post('/refresh', { refreshToken, deviceToken })).toMatchObject(REFUSED);
  expect((await gatehouse.post('/logout', { refreshToken, deviceToken })).status).toBe(200);

  expect(await endsOf(ada.email)).toEqual([null]);
  expect(await eventsOf(ada.email, 'token.%')).toEqual([]);
  expect((await gatehouse.post('/refresh', { refreshToken: live })).status).toBe(200);
});

test('an ancestor with another secret is no reuse', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const secret = newSessionSecret();
  const forged = await changed(gatehouse, ada.refreshToken, { secret });
  let { refreshToken } = ada;
  for (let turn = 0; turn < 3; turn++)
    refreshToken = (await gatehouse.post('/refresh', { refreshToken })).body.data.refreshToken;
  expect(await gatehouse.post('/refresh', { refreshToken: forged })).toMatchObject(REFUSED);
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(200);
});
