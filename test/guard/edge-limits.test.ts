/** Limits that are counted where the request arrives: by the binding of Workers, or in the process where there is none. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { type EdgeLimitName, edgeLimitNames, edgeLimits } from '../../src/config/limits.ts';
import { edgeLimiter } from '../../src/ports/edge-limiter.ts';
import { linesOf } from '../support/console.ts';
import {
  type Answer,
  freshClient,
  type Gatehouse,
  ONE_WINDOW,
  startGatehouse,
} from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';

const LIMITED = { status: 429, body: { code: 'rate_limited' } };
/** The limit in test/wrangler.toml: two in a minute, counted by the runtime. */
const { TWO_A_MINUTE } = env as unknown as { TWO_A_MINUTE: RateLimit };
const from = (address: string) => ({ headers: { 'CF-Connecting-IP': address } });
const logout = (gatehouse: Gatehouse, address: string) =>
  gatehouse.post('/logout', { refreshToken: 'x' }, from(address));

test('requests counted at the edge make no trip to Redis', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token, refreshToken } = await loggedIn(gatehouse);
  for (const ask of [
    () => gatehouse.get('/me', { token }),
    () => gatehouse.get('/sessions', { token }),
    () => gatehouse.post('/refresh', { refreshToken }),
    () => gatehouse.post('/logout', { refreshToken }),
  ])
    expect(await gatehouse.redisTripsOf(ask)).toBe(0);
});

test('the binding counts each client, and a refusal says only how long the window is', async () => {
  const gatehouse = startGatehouse({}, { LOGOUT_LIMIT: TWO_A_MINUTE });
  const [one, other] = [freshClient(), freshClient()];
  const answers: Answer[] = [];
  // The requests fall into two windows at most, and each lets two pass.
  for (let time = 0; time < 5; time++) answers.push(await logout(gatehouse, one));
  expect(answers.slice(0, 2).map(({ status }) => status)).toEqual([200, 200]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused).toMatchObject(LIMITED);
  expect(refused?.headers.get('Retry-After')).toBe('60');
  expect(refused?.headers.get('RateLimit')).toBeNull();
  expect((await logout(gatehouse, other)).status).toBe(200);
});

test('a binding that fails lets requests pass, and this is logged once a minute', async () => {
  const broken = { limit: () => Promise.reject(new Error('broken')) };
  const gatehouse = startGatehouse({ LOG_LEVEL: 'warn' }, { LOGOUT_LIMIT: broken });
  const { lines } = await linesOf(async () => {
    for (let time = 0; time < 3; time++) expect((await logout(gatehouse, freshClient())).status).toBe(200);
  });
  expect(lines).toEqual(['{"level":"warn","event":"edge_limiter.degraded"}']);
});

test('without a binding the process counts, each client for itself', async () => {
  const gatehouse = startGatehouse({ LIMITS: `logout=2/${ONE_WINDOW}` });
  const [one, other] = [freshClient(), freshClient()];
  const statuses = [];
  for (const address of [one, one, one, other]) statuses.push((await logout(gatehouse, address)).status);
  expect(statuses).toEqual([200, 200, 429, 200]);
});

test('clients without an address share one budget at the edge too', async () => {
  const gatehouse = startGatehouse({ LIMITS: `logout=2/${ONE_WINDOW}` });
  const statuses = [];
  for (const address of ['', 'nonsense', '']) statuses.push((await logout(gatehouse, address)).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test('the process keeps ten thousand counters of a limit at most', async () => {
  const { config } = startGatehouse({ LIMITS: `logout=1/${ONE_WINDOW}` });
  const limiter = edgeLimiter({}, config.limits, () => {});
  expect([await limiter.take('logout', 'first'), await limiter.take('logout', 'first')]).toEqual([
    true,
    false,
  ]);
  for (let client = 1; client < 10_000; client++) await limiter.take('logout', String(client));
  expect(await limiter.take('logout', 'first')).toBe(false);
  await limiter.take('logout', 'one too many');
  expect(await limiter.take('logout', 'first')).toBe(true);
});

test('the logins of one client are counted at the edge before any trip', async () => {
  const gatehouse = startGatehouse({ LIMITS: `loginBurst=1/${ONE_WINDOW}` });
  const address = freshClient();
  await gatehouse.post('/login', {}, from(address));
  const ask = () => gatehouse.call('POST', '/login', undefined, { raw: 'not read', ...from(address) });
  expect(await gatehouse.redisTripsOf(async () => expect(await ask()).toMatchObject(LIMITED))).toBe(0);
});

test.each(edgeLimitNames)(
  'the Worker does not start when LIMITS changes %s, which a binding counts',
  (name: EdgeLimitName) => {
    const bound = { [edgeLimits[name].binding]: TWO_A_MINUTE };
    expect(() => startGatehouse({ LIMITS: `${name}=7/60` }, bound)).toThrow(`LIMITS changes ${name}`);
    const { count, seconds } = edgeLimits[name];
    startGatehouse({ LIMITS: `${name}=${count}/${seconds}` }, bound);
  },
);
