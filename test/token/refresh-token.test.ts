import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';

test('refresh secrets rotate without logging anyone out', async () => {
  const before = startGatehouse();
  const { refreshToken } = await loggedIn(before);
  const [key] = before.config.refreshTokenSecrets;
  const old = `${key.id}:${Buffer.from(key.secret).toString('base64url')}`;
  const fresh = `r2:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;

  const during = startGatehouse({ REFRESH_TOKEN_SECRETS: `${fresh},${old}` });
  const { status, body } = await during.post('/refresh', { refreshToken });
  expect(status).toBe(200);

  const after = startGatehouse({ REFRESH_TOKEN_SECRETS: fresh });
  expect((await after.post('/refresh', { refreshToken: body.data.refreshToken })).status).toBe(200);
  expect((await after.post('/refresh', { refreshToken })).status).toBe(401);
});
