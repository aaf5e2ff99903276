import { afterEach, expect, test, vi } from 'vitest';
import { clearFault, fault, query } from '../support/control-client.ts';
import { type Gatehouse, ONE_WINDOW, startGatehouse, startStill } from '../support/gatehouse.ts';
import { loggedIn, person } from '../support/person.ts';

let next = 0;
/** A client whose /24 is its own, and which no other test file uses. */
const client = () => `10.0.${next++}.7`;
const from = (address: string) => ({ headers: { 'CF-Connecting-IP': address } });
const LIMITED = { status: 429, body: { code: 'rate_limited' } };
const nobody = { email: person('nobody').email, password: 'plum kettle orbit' };
const resend = (gatehouse: Gatehouse, address: string) =>
  gatehouse.post('/verify-email/resend', { id: crypto.randomUUID() }, from(address));

afterEach(() => {
  vi.useRealTimers();
});

test('a client signs up three times an hour, and each answer says what is left', async () => {
  // Windows begin with the hour of the clock, which stands still a quarter past.
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  vi.useFakeTimers({ toFake: ['Date'], now: hour + 900_000 });
  const gatehouse = startGatehouse();
  const address = client();
  const left = [];
  for (let time = 0; time < 3; time++) {
    const { status, headers } = await gatehouse.post('/signup', person(), from(address));
    expect(status).toBe(200);
    expect(headers.get('RateLimit-Policy')).toBe('"signup-3600";q=3;w=3600');
    left.push(headers.get('RateLimit'));
  }
  expect(left).toEqual([2, 1, 0].map((count) => `"signup-3600";r=${count};t=2700`));
  const refused = await gatehouse.post('/signup', person(), from(address));
  expect(refused).toMatchObject(LIMITED);
  expect(refused.headers.get('Retry-After')).toBe('2700');
  expect((await gatehouse.post('/signup', person(), from(client()))).status).toBe(200);
});

test('a refusal reads no body, makes no trip to the database and hashes nothing', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=1/${ONE_WINDOW}` });
  const address = client();
  await gatehouse.post('/login', {}, from(address));
  const { count, answer } = await gatehouse.tripsOf(() =>
    gatehouse.call('POST', '/login', undefined, { raw: 'not read', ...from(address) }),
  );
  expect(answer).toMatchObject(LIMITED);
  expect(count).toBe(0);
});

test('one /64 is one client, whatever address in it is used', async () => {
  const gatehouse = startGatehouse({ LIMITS: `resend=2/${ONE_WINDOW}` });
  const group = crypto.getRandomValues(new Uint16Array(1))[0]?.toString(16);
  const statuses = [];
  for (const host of ['1', '2', 'ffff:ffff:ffff:ffff'])
    statuses.push(
      (await resend(gatehouse, `2001:db8:${group}:1:${host.includes(':') ? host : `:${host}`}`)).status,
    );
  expect(statuses).toEqual([200, 200, 429]);
  expect((await resend(gatehouse, `2001:db8:${group}:2::1`)).status).toBe(200);
});

test('a neighbourhood has eight budgets between all its clients', async () => {
  const gatehouse = startGatehouse({ LIMITS: `resend=1/${ONE_WINDOW}` });
  const group = crypto.getRandomValues(new Uint16Array(2));
  const statuses = [];
  for (let subnet = 0; subnet < 10; subnet++) {
    const address = `2001:${[...group].map((part) => part.toString(16)).join(':')}:${subnet}::1`;
    statuses.push((await resend(gatehouse, address)).status);
  }
  expect(statuses).toEqual([...Array(8).fill(200), 429, 429]);
});

test('no other header identifies a client, and all without an address count as one', async () => {
  const gatehouse = startGatehouse({
    LIMITS: `resend=1/${ONE_WINDOW - 1 - (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0)}`,
  });
  const post = (headers: Record<string, string>) =>
    gatehouse.post('/verify-email/resend', { id: crypto.randomUUID() }, { headers });
  const address = client();
  expect((await post({ 'CF-Connecting-IP': address })).status).toBe(200);
  for (const name of ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'True-Client-IP', 'X-Client-IP'])
    expect((await post({ 'CF-Connecting-IP': address, [name]: client() })).status).toBe(429);
  expect((await post({ 'CF-Connecting-IP': '' })).status).toBe(200);
  expect((await post({ 'CF-Connecting-IP': '', 'X-Forwarded-For': client() })).status).toBe(429);
  expect((await post({ 'CF-Connecting-IP': 'nonsense' })).status).toBe(429);
});

test('a session has a budget of its own, from every network', async () => {
  const gatehouse = startGatehouse({ LIMITS: `accountSession=2/${ONE_WINDOW}` });
  const [one, other] = [await loggedIn(gatehouse), await loggedIn(gatehouse)];
  const me = async (token: string) => (await gatehouse.get('/me', { token })).status;
  expect([await me(one.accessToken), await me(one.accessToken), await me(one.accessToken)]).toEqual([
    200, 200, 429,
  ]);
  expect(await me(other.accessToken)).toBe(200);
});

test('forged access tokens are counted too', async () => {
  const gatehouse = startGatehouse({ LIMITS: `account=1/${ONE_WINDOW}` });
  const address = client();
  expect((await gatehouse.get('/me', { token: 'x', ...from(address) })).status).toBe(401);
  expect((await gatehouse.get('/me', { token: 'x', ...from(address) })).status).toBe(429);
});

test('one setting changes any of the limits and leaves the others', () => {
  const usual = startGatehouse().config.limits;
  for (const name of Object.keys(usual)) {
    const { config } = startGatehouse({ LIMITS: ` ${name} = 7/60,8/3600 ` });
    const changed = [
      { count: 7, seconds: 60 },
      { count: 8, seconds: 3_600 },
    ];
    expect(config.limits).toEqual({ ...usual, [name]: changed });
  }
});

test.each([
  ['login', 'is not of the form'],
  ['login=3', 'is not of the form'],
  ['login=0/60', 'is not of the form'],
  ['login=3/0', 'is not of the form'],
  ['login=3/60,', 'is not of the form'],
  ['login=3/60=4/60', 'is not of the form'],
  ['login=3/60;', 'has a name that is none of signup, verify'],
  ['logn=3/60', 'has a name that is none of signup, verify'],
  ['toString=3/60', 'has a name that is none of signup, verify'],
  ['login=3/60;login=4/60', 'names login twice'],
])('LIMITS=%s stops start-up and says what is wrong', (wrong, fault) => {
  expect(() => startGatehouse({ LIMITS: wrong })).toThrow(`LIMITS ${fault}`);
});

test.each(['refuse', 'hang'])(
  'while Redis is down (%s), secrets are guarded by Postgres and nothing waits for it',
  async (fail) => {
    const gatehouse = startGatehouse({
      LIMITS: `login=2/${ONE_WINDOW}`,
      LIMITER_TIMEOUT_MS: '300',
    });
    const { accessToken: token } = await loggedIn(gatehouse);
    await fault(`redis:${gatehouse.name}`, { fail });
    const address = client();

    const malformed = await Promise.all([1, 2, 3].map(() => gatehouse.post('/login', {}, from(client()))));
    expect(malformed.map(({ status }) => status)).toEqual([422, 422, 422]);
    for (const { waitedMs } of malformed) expect(waitedMs).toBeLessThanOrEqual(300);

    expect((await gatehouse.post('/login', nobody, from(address))).status).toBe(401);
    expect((await gatehouse.post('/login', nobody, from(address))).status).toBe(401);
    const refused = await gatehouse.post('/login', nobody, from(address));
    expect(refused).toMatchObject(LIMITED);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);

    expect((await gatehouse.get('/me', { token, ...from(address) })).status).toBe(200);
  },
);

test('while Redis flaps, a client has at most the budget of each store', async () => {
  const gatehouse = startGatehouse({ LIMITS: `resend=3/${ONE_WINDOW}` });
  const address = client();
  let passed = 0;
  for (let time = 0; time < 20; time++) {
    if (time % 4 === 0) await fault(`redis:${gatehouse.name}`, { fail: 'refuse', times: 1 });
    const { status } = await resend(gatehouse, address);
    expect([200, 429]).toContain(status);
    if (status === 200) passed += 1;
  }
  await clearFault(`redis:${gatehouse.name}`);
  expect(passed).toBeLessThanOrEqual(6);
});

test('with Redis and Postgres both down the answer is 503, not yes', async () => {
  const gatehouse = startGatehouse();
  await fault(`redis:${gatehouse.name}`, { fail: 'refuse' });
  await fault(gatehouse.name, { fail: 'refuse' });
  expect(await gatehouse.post('/login', nobody)).toMatchObject({
    status: 503,
    body: { code: 'service_unavailable' },
  });
});

test('the counters in Postgres take parallel requests one by one, and are swept when their window is over', async () => {
  const gatehouse = startStill({ LIMITS: 'resend=5/3600' });
  await fault(`redis:${gatehouse.name}`, { fail: 'refuse' });
  const address = client();
  const answers = await Promise.all(Array.from({ length: 20 }, () => resend(gatehouse, address)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const rows = () => query('SELECT FROM rate_limit_fallback WHERE key LIKE $1', [`resend:%:${address}`]);
  expect((await rows()).length).toBeGreaterThan(0);
  gatehouse.clock.travel(2 * 3_600);
  for (let time = 0; time < 10 && (await rows()).length > 0; time++) await resend(gatehouse, client());
  expect(await rows()).toEqual([]);
});

test('a healthy Redis costs one trip, before the body is read', async () => {
  const gatehouse = startGatehouse();
  expect(await gatehouse.redisTripsOf(() => gatehouse.post('/login', nobody))).toBe(1);
});
