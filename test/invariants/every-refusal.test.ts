/** Every refusal that all endpoints of a kind have, at each of them, so that each is seen as the document has it. */
import { expect, test } from 'vitest';
import { endpoints } from '../../src/app.ts';
import { fault } from '../support/control-client.ts';
import { allOf, everyone, heldOf } from '../support/everyone.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { LOCKED, resetTokenFor } from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { linkTokenIn } from '../support/mailbox.ts';
import { freshAddress } from '../support/move.ts';
import { loggedIn, person, signUp } from '../support/person.ts';

/** One window for the whole test, so that no edge falls into it. */
const ONE_WINDOW = 1_000_000;
const named = endpoints.map((endpoint) => ({
  ...endpoint,
  name: `${endpoint.method.toUpperCase()} ${endpoint.path}`,
}));

test('a statement that fails for no reason we know is a fault of ours: 500, and nothing is written', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
  const all = await everyone(gatehouse);
  const held = await heldOf(all);
  await fault(gatehouse.name, { fail: 'XX000' });
  const answers = {
    ...(await allOf(all)),
    'the revoked sessions': await gatehouse.get('//.well-known/revoked-sessions'),
  };
  for (const [name, { status, body }] of Object.entries(answers))
    expect({ status, code: body.code }, name).toEqual({ status: 500, code: 'internal_error' });
  expect(await heldOf(all)).toEqual(held);
});

test.each(named)('$name is limited', async ({ method, path, limits, guard }) => {
  const LIMITS = [...new Set(limits)].map((name) => `${name}=1/${ONE_WINDOW}`).join(';');
  const gatehouse = startGatehouse({ LIMITS });
  const from = {
    headers: { 'CF-Connecting-IP': freshClient() },
    ...(guard === 'secured' && { token: 'x' }),
  };
  const ask = () => gatehouse.call(method.toUpperCase(), path, method === 'get' ? undefined : {}, from);
  expect((await ask()).status).not.toBe(429);
  expect(await ask()).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
});

test.each(named.filter(({ method }) => method !== 'get'))(
  '$name is not for pages of other origins',
  async ({ method, path }) => {
    const headers = { Origin: 'https://evil.example' };
    const answer = await startGatehouse().call(method.toUpperCase(), path, {}, { headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
  },
);

test.each(named.filter((endpoint) => 'headers' in endpoint))(
  '$name gives no cookies to pages of other sites',
  async ({ name }) => {
    const APP = 'https://app.example.com';
    const gatehouse = startGatehouse({ ALLOWED_ORIGINS: APP });
    const ada = await loggedIn(gatehouse);
    const bodies: Record<string, object> = {
      'POST /login': { email: ada.email, password: ada.password },
      'POST /forgot-password': { email: ada.email },
      'POST /change-password': { currentPassword: ada.password, newPassword: 'a brand new kettle' },
    };
    const headers = { Origin: APP, 'Sec-Fetch-Site': 'cross-site', 'X-Gatehouse-Transport': 'cookie' };
    const [method = '', path = ''] = name.split(' ');
    const answer = await gatehouse.call(method, path, bodies[name] ?? {}, {
      token: ada.accessToken,
      headers,
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site' } });
  },
);

test('whatever hashes is refused while there is no room for another hash', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '0', LOG_LEVEL: 'silent' });
  const roomy = startGatehouse();
  const [ada, waiting, slow] = [await loggedIn(roomy), person('waiting'), person('slow')];
  const { id, mail } = await signUp(roomy, slow);
  const links = {
    verify: linkTokenIn((await signUp(roomy, waiting)).mail),
    reset: await resetTokenFor(roomy, ada),
  };
  // A place is taken before the trip that tells what to hash.
  const held = await hold('SELECT FROM verification_tokens WHERE user_id = $1 FOR UPDATE', [id]);
  const busy = gatehouse.post('/verify-email', { token: linkTokenIn(mail), password: slow.password });
  await held.waitedForBy(1);
  const { email, password, accessToken: token } = ada;
  const own = { token };
  const newPassword = 'a brand new kettle';
  const answers = {
    signup: await gatehouse.post('/signup', person('newcomer')),
    proof: await gatehouse.post('/verify-email', { token: links.verify, password: waiting.password }),
    reset: await gatehouse.post('/reset-password', { token: links.reset, newPassword }),
    login: await gatehouse.post('/login', { email, password }),
    change: await gatehouse.post('/change-password', { currentPassword: password, newPassword }, own),
    move: await gatehouse.post('/change-email', { newEmail: freshAddress(), currentPassword: password }, own),
    deletion: await gatehouse.call('DELETE', '/me', { password }, own),
  };
  for (const [name, { status, body }] of Object.entries(answers))
    expect({ status, code: body.code }, name).toEqual({ status: 503, code: 'overloaded' });
  await held.letGo();
  expect((await busy).status).toBe(200);
});

test('whoever guesses at the password of a session is locked out of all that ask for it', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '1' });
  const ada = await loggedIn(gatehouse);
  const { password, accessToken: token } = ada;
  const change = (currentPassword: string) =>
    gatehouse.post('/change-email', { newEmail: freshAddress(), currentPassword }, { token });
  expect((await change('not the password')).status).toBe(403);
  expect(await change(password)).toMatchObject(LOCKED);
  const newPassword = 'a brand new kettle';
  expect(
    await gatehouse.post('/change-password', { currentPassword: password, newPassword }, { token }),
  ).toMatchObject(LOCKED);
  expect(await gatehouse.call('DELETE', '/me', { password }, { token })).toMatchObject(LOCKED);
});
