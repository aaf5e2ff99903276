/** The middleware: what a service answers that takes our tokens. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import {
  type Authenticated,
  authenticated,
  requireFresh,
  requireMfa,
} from '../../packages/verify/src/hono.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';
import { sidOf } from '../support/revocations.ts';
import { startVerifier } from '../support/verifier.ts';

const gatehouse = startGatehouse();
const { verifier } = startVerifier(gatehouse);
const app = new Hono<Authenticated>()
  .use('/orders/*', authenticated(verifier))
  .use('/orders/cancel', requireFresh(300))
  .use('/orders/export', requireMfa)
  .get('/orders/*', (c) => c.json({ session: c.get('session').sessionId }));

async function ask(path: string, authorization?: string): Promise<Response> {
  const context = createExecutionContext();
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const answer = await app.fetch(new Request(`https://api.example.com${path}`, { headers }), {}, context);
  await waitOnExecutionContext(context);
  return answer;
}

test('a live token opens the route, in a Worker and outside, and the handler knows the session', async () => {
  const ada = await loggedIn(gatehouse);
  const answer = await ask('/orders/all', `Bearer ${ada.accessToken}`);
  expect([answer.status, await answer.json()]).toEqual([200, { session: sidOf(ada) }]);
  const outside = await app.request('/orders/all', {
    headers: { Authorization: `bearer ${ada.accessToken}` },
  });
  expect(outside.status).toBe(200);
});

test.each([undefined, '', 'Bearer', 'Bearer x', 'Basic YTpi', 'Bearer a b'])(
  '%s opens nothing',
  async (authorization) => {
    const answer = await ask('/orders/all', authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    expect(answer.headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      type: 'urn:gatehouse:problem:invalid_token',
      title: 'Invalid access token',
      status: 401,
      code: 'invalid_token',
    });
  },
);

test('an old login is asked to log in again, and one by a password alone for a second factor (RFC 9470)', async () => {
  const { refreshToken } = await loggedIn(gatehouse);
  gatehouse.clock.travel(301);
  const { accessToken } = (await gatehouse.post('/refresh', { refreshToken })).body.data;
  const challenge = 'Bearer error="insufficient_user_authentication"';
  const fresh = await ask('/orders/cancel', `Bearer ${accessToken}`);
  expect([fresh.status, fresh.headers.get('WWW-Authenticate')]).toEqual([
    401,
    expect.stringMatching(`^${challenge}.*, max_age="300"$`),
  ]);
  const factor = await ask('/orders/export', `Bearer ${accessToken}`);
  expect([factor.status, factor.headers.get('WWW-Authenticate')]).toEqual([
    401,
    expect.stringContaining(challenge),
  ]);
});
