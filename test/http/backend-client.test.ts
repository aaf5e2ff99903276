/** A backend that calls for its people: the limits count them, and nobody else can say for whom they call. */
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { clientHeader } from '../../packages/backend/src/client-header.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { query } from '../support/control-client.ts';
import { freshClient, type Gatehouse, ONE_WINDOW, startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, person } from '../support/person.ts';

const key = keyKinds.BACKEND_KEYS.make();
const LIMITS = `signup=1/${ONE_WINDOW}`;
const SIGNUP = '/api/v1/auth/signup';

/** A network of its own, so that no test is counted with another. */
const freshIpv4 = () => `10.${crypto.getRandomValues(new Uint8Array(3)).join('.')}`;

const headerFor = (
  gatehouse: Gatehouse,
  address: string,
  changes: Partial<Parameters<typeof clientHeader>[1]> = {},
  with_ = key,
) =>
  clientHeader(
    with_,
    { address, method: 'POST', url: `${gatehouse.config.issuer}${SIGNUP}`, ...changes },
    gatehouse.clock.now().getTime(),
  );

/** The status of a sign-up that comes from `from` with that header. */
const signUp = async (gatehouse: Gatehouse, from: string, header?: Record<string, string>) =>
  (await gatehouse.post('/signup', person(), { headers: { 'CF-Connecting-IP': from, ...header } })).status;

test('people behind one backend each have a budget of their own, whatever their addresses are', async () => {
  const gatehouse = startGatehouse({ BACKEND_KEYS: key, LIMITS });
  const backend = freshClient();
  for (const address of [freshIpv4(), freshClient(), `::ffff:${freshIpv4()}`]) {
    expect(await signUp(gatehouse, backend, await headerFor(gatehouse, address))).toBe(200);
    expect(await signUp(gatehouse, backend, await headerFor(gatehouse, address))).toBe(429);
    // Behind the backend or not, it is the same person.
    expect(await signUp(gatehouse, address)).toBe(429);
  }
  expect(await signUp(gatehouse, backend)).toBe(200);
  expect(await signUp(gatehouse, backend)).toBe(429);
});

test('two addresses of one IPv6 network are one client behind a backend, too', async () => {
  const gatehouse = startGatehouse({ BACKEND_KEYS: key, LIMITS });
  const network = freshClient().replace(/::1$/, '');
  expect(await signUp(gatehouse, freshClient(), await headerFor(gatehouse, `${network}::1`))).toBe(200);
  expect(await signUp(gatehouse, freshClient(), await headerFor(gatehouse, `${network}::2`))).toBe(429);
});

/** The headers of each way to be believed although one should not be. */
type Attempt = (gatehouse: Gatehouse, address: string) => Promise<Record<string, string>>;
const attempts: Record<string, Attempt> = {
  'an address in clear': async (_, address) => ({ 'X-Gatehouse-Client': address }),
  'other forwarding headers': async (_, address) => ({
    'X-Forwarded-For': address,
    'X-Real-IP': address,
    Forwarded: `for=${address}`,
  }),
  'another key': async (gatehouse, address) =>
    headerFor(gatehouse, address, {}, keyKinds.BACKEND_KEYS.make()),
  'another key under the same id': async (gatehouse, address) =>
    headerFor(gatehouse, address, {}, `${key.split(':')[0]}:${keyKinds.BACKEND_KEYS.make().split(':')[1]}`),
  'a changed address': async (gatehouse, address) => {
    const [head, payload = '', signature] = (await headerFor(gatehouse, freshIpv4()))[
      'X-Gatehouse-Client'
    ].split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ip: address };
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return { 'X-Gatehouse-Client': [head, changed, signature].join('.') };
  },
  'no signature': async (gatehouse, address) => {
    const [, payload] = (await headerFor(gatehouse, address))['X-Gatehouse-Client'].split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'client+jwt' })).toString('base64url');
    return { 'X-Gatehouse-Client': `${head}.${payload}.` };
  },
  'a header of more than a minute ago': async (gatehouse, address) => {
    const header = await headerFor(gatehouse, address);
    gatehouse.clock.travel(61);
    return header;
  },
  'a header from the future': async (gatehouse, address) => {
    gatehouse.clock.travel(60);
    const header = await headerFor(gatehouse, address);
    gatehouse.clock.travel(-60);
    return header;
  },
  'a header that shall live for an hour': async (gatehouse, address) => {
    const [kid = '', secret = ''] = key.split(':');
    const now = Math.floor(gatehouse.clock.now().getTime() / 1_000);
    const token = await new SignJWT({ ip: address, htm: 'POST', htu: SIGNUP, iat: now, exp: now + 3_600 })
      .setProtectedHeader({ alg: 'HS256', typ: 'client+jwt', kid })
      .sign(Buffer.from(secret, 'base64url'));
    return { 'X-Gatehouse-Client': token };
  },
  'a header of another request': async (gatehouse, address) =>
    headerFor(gatehouse, address, { url: `${gatehouse.config.issuer}/api/v1/auth/login` }),
  'a header of another method': async (gatehouse, address) =>
    headerFor(gatehouse, address, { method: 'GET' }),
  'a header that only works from the backend, replayed from elsewhere': async (gatehouse, address) =>
    headerFor(gatehouse, address, { via: freshIpv4() }),
  'an address that is none': async (gatehouse) => headerFor(gatehouse, 'nowhere'),
};

test.each(Object.entries(attempts))('%s makes nobody else of a caller', async (_, attempt) => {
  const gatehouse = startGatehouse({ BACKEND_KEYS: key, LIMITS });
  const own = freshIpv4();
  expect(await signUp(gatehouse, own, await attempt(gatehouse, freshIpv4()))).toBe(200);
  expect(await signUp(gatehouse, own, await attempt(gatehouse, freshIpv4()))).toBe(429);
});

test('without a key nobody is believed, and a valid header costs its sender nothing either', async () => {
  const gatehouse = startGatehouse({ BACKEND_KEYS: 'off', LIMITS });
  const [backend, address] = [freshClient(), freshIpv4()];
  expect(await signUp(gatehouse, backend, await headerFor(gatehouse, address))).toBe(200);
  expect(await signUp(gatehouse, backend, await headerFor(gatehouse, freshIpv4()))).toBe(429);
  expect(await signUp(gatehouse, address)).toBe(200);
});

test('each key of the ring is believed, and a header that names its backend works from there', async () => {
  const newer = keyKinds.BACKEND_KEYS.rotate(key);
  const gatehouse = startGatehouse({ BACKEND_KEYS: newer, LIMITS });
  const backend = freshIpv4();
  for (const one of newer.split(',')) {
    const header = await headerFor(gatehouse, freshIpv4(), { via: backend }, one);
    expect(await signUp(gatehouse, backend, header)).toBe(200);
  }
  expect([keyKinds.BACKEND_KEYS.retire(newer), keyKinds.BACKEND_KEYS.rotate('off')]).toEqual([
    newer.split(',')[0],
    'off',
  ]);
});

test('history and sessions show the person, and not the place of the backend', async () => {
  const gatehouse = startGatehouse({ BACKEND_KEYS: key });
  const { email, password } = await loggedIn(gatehouse);
  const address = freshIpv4();
  const url = `${gatehouse.config.issuer}/api/v1/auth/login`;
  const headers = await headerFor(gatehouse, address, { url });
  expect((await gatehouse.post('/login', { email, password }, { headers })).status).toBe(200);
  const rows = await query(
    `SELECT s.client, s.place FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1 AND s.client = $2`,
    [email, address],
  );
  expect(rows).toEqual([{ client: address, place: null }]);
});
