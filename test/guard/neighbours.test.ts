/** What the clients of one neighbourhood, a /24 or a /48, can do to each other's limits: nothing but use up the shared one. */
import { expect, test } from 'vitest';
import { browser, cookiesOf } from '../support/browser.ts';
import { fault } from '../support/control-client.ts';
import { type Gatehouse, ONE_WINDOW, startGatehouse } from '../support/gatehouse.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { loggedIn, type Person, resident } from '../support/person.ts';

let next = 0;
/** The addresses of a /24 that no other test uses. */
function neighbourhood(): (host: number) => { headers: Record<string, string> } {
  const subnet = next++;
  return (host) => ({ headers: { 'CF-Connecting-IP': `172.16.${subnet}.${host}` } });
}

const signUp = async (gatehouse: Gatehouse, from: { headers: Record<string, string> }) =>
  (await gatehouse.post('/signup', {}, from)).status;

/** With a limit of two requests a client, eight clients use up the limit of the neighbourhood. */
async function crowd(gatehouse: Gatehouse, path: string, at: ReturnType<typeof neighbourhood>) {
  for (let host = 1; host <= 8; host++)
    for (let time = 0; time < 2; time++)
      expect((await gatehouse.post(path, {}, at(host))).status).not.toBe(429);
}

const logIn = (
  gatehouse: Gatehouse,
  { email, password, deviceToken }: Person,
  { headers }: { headers: Record<string, string> },
) => gatehouse.post('/login', { email, password, deviceToken }, { headers });

const CROWDED = {
  status: 429,
  body: { code: 'rate_limited', detail: expect.stringContaining('Others in your network') },
};

test.each(['Redis', 'Postgres'])(
  'sixty refused requests of one client leave the budget of its neighbours whole (%s)',
  async (store) => {
    const gatehouse = startGatehouse({ LIMITS: `signup=3/${ONE_WINDOW}` });
    if (store === 'Postgres') await fault(`redis:${gatehouse.name}`, { fail: 'refuse' });
    const at = neighbourhood();
    const first = [];
    for (let time = 0; time < 63; time++) first.push(await signUp(gatehouse, at(1)));
    expect(first).toEqual([...Array(3).fill(422), ...Array(60).fill(429)]);
    const others = [];
    for (let host = 2; host <= 9; host++)
      for (let time = 0; time < 3; time++) others.push(await signUp(gatehouse, at(host)));
    expect(others).toEqual([...Array(21).fill(422), ...Array(3).fill(429)]);
  },
);

test.each(['Redis', 'Postgres'])(
  'a request that one budget refuses is charged to no other, also when many come at once (%s)',
  async (store) => {
    const gatehouse = startGatehouse({ LIMITS: `signup=2/${ONE_WINDOW},5/${2 * ONE_WINDOW}` });
    if (store === 'Postgres') await fault(`redis:${gatehouse.name}`, { fail: 'refuse' });
    const from = neighbourhood()(1);
    const answers = await Promise.all(Array.from({ length: 12 }, () => signUp(gatehouse, from)));
    expect(answers.filter((status) => status === 422)).toHaveLength(2);
    const longer = startGatehouse({ LIMITS: `signup=5/${2 * ONE_WINDOW}` });
    if (store === 'Postgres') await fault(`redis:${longer.name}`, { fail: 'refuse' });
    const { headers } = await longer.post('/signup', {}, from);
    expect(headers.get('RateLimit')).toMatch(/;r=2;/);
  },
);

test.each(['Redis', 'Postgres'])(
  'a known device logs in while its neighbours have used up the limit; an unknown one gets the reason (%s)',
  async (store) => {
    const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
    const ada = await loggedIn(gatehouse);
    const { deviceToken: _dropped, ...unknown } = ada;
    if (store === 'Postgres') await fault(`redis:${gatehouse.name}`, { fail: 'refuse' });
    const at = neighbourhood();
    await crowd(gatehouse, '/login', at);
    const refused = await logIn(gatehouse, unknown, at(20));
    expect(refused).toMatchObject(CROWDED);
    expect(refused.headers.get('RateLimit')).toContain('"login-wide-');
    expect((await logIn(gatehouse, ada, at(20))).status).toBe(200);
  },
);

test('the device cookie of a browser does the same', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
  const { email, password } = await resident(gatehouse);
  const { origin: Origin } = new URL(gatehouse.config.issuer);
  const first = await gatehouse.post('/login', { email, password }, browser({}, { Origin }));
  const at = neighbourhood();
  await crowd(gatehouse, '/login', at);
  const from = (jar: Parameters<typeof browser>[0]) =>
    gatehouse.post('/login', { email, password }, browser(jar, { Origin, ...at(20).headers }));
  expect(await from({})).toMatchObject(CROWDED);
  expect((await from(cookiesOf(first))).status).toBe(200);
});

test('a known account has one extra budget in its neighbourhood, for all its clients and devices together', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
  const ada = await loggedIn(gatehouse);
  const other = await loggedInAgain(gatehouse, ada);
  const at = neighbourhood();
  await crowd(gatehouse, '/login', at);
  expect((await logIn(gatehouse, ada, at(20))).status).toBe(200);
  expect((await logIn(gatehouse, other, at(21))).status).toBe(200);
  const refused = await logIn(gatehouse, ada, at(22));
  expect(refused.status).toBe(429);
  expect(refused.headers.get('RateLimit')).toContain('"login-account-');
  expect((await logIn(gatehouse, other, neighbourhood()(1))).status).toBe(200);
});

test("a stranger's own device token lets nobody in on another account, nor does a forged one", async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
  const [ada, mallory] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'mallory')];
  const at = neighbourhood();
  await crowd(gatehouse, '/login', at);
  const forged = withOtherMac(ada.deviceToken);
  for (const deviceToken of [mallory.deviceToken, forged, 'x', ada.refreshToken])
    expect(await logIn(gatehouse, { ...ada, deviceToken }, at(20))).toMatchObject(CROWDED);
  expect(await gatehouse.post('/login', { deviceToken: ada.deviceToken }, at(20))).toMatchObject(CROWDED);
});

test('a client that has used up its own limit is refused on any device', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
  const ada = await loggedIn(gatehouse);
  const at = neighbourhood();
  await crowd(gatehouse, '/login', at);
  for (const who of [{ ...ada, deviceToken: 'none' }, ada]) {
    const refused = await logIn(gatehouse, who, at(1));
    expect(refused.status).toBe(429);
    expect(refused.body.detail).not.toContain('Others in your network');
  }
});

test('people who are logged in can confirm the password whatever the neighbours do', async () => {
  const gatehouse = startGatehouse({ LIMITS: `confirm=2/${ONE_WINDOW}` });
  const ada = await loggedIn(gatehouse);
  const at = neighbourhood();
  await crowd(gatehouse, '/change-password', at);
  const change = (token: string) =>
    gatehouse.post(
      '/change-password',
      { currentPassword: ada.password, newPassword: 'a brand new kettle' },
      { token, ...at(20) },
    );
  expect((await change('x')).status).toBe(429);
  expect((await change(ada.accessToken)).status).toBe(200);
});

async function loggedInAgain(gatehouse: Gatehouse, { email, password, name }: Person): Promise<Person> {
  const { body } = await gatehouse.post('/login', { email, password });
  return { email, password, name, deviceToken: body.data.deviceToken };
}
