/** Every refusal that all endpoints of a kind have, at each of them, so that each is seen as the document has it. */
import { expect, test } from 'vitest';
import { BASE_PATH, endpoints } from '../../src/app.ts';
import { paths } from '../support/contract.ts';
import { fault } from '../support/control-client.ts';
import { allOf, everyone, heldOf } from '../support/everyone.ts';
import { freshClient, type Gatehouse, ONE_WINDOW, startGatehouse } from '../support/gatehouse.ts';
import { LOCKED, resetTokenFor } from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { linkTokenIn } from '../support/mailbox.ts';
import { freshAddress } from '../support/move.ts';
import { loggedIn, person, signUp, type Tokens } from '../support/person.ts';
import { guarded, nextCode, wrongCode } from '../support/totp-app.ts';

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
  async ({ method, path }) => {
    const APP = 'https://app.example.com';
    const gatehouse = startGatehouse({ ALLOWED_ORIGINS: APP });
    const { accessToken: token } = await loggedIn(gatehouse);
    const examples = paths[BASE_PATH + path]?.[method]?.requestBody?.content['application/json']?.examples;
    const [example] = Object.values(examples ?? {});
    const headers = { Origin: APP, 'Sec-Fetch-Site': 'cross-site', 'X-Gatehouse-Transport': 'cookie' };
    const answer = await gatehouse.call(method.toUpperCase(), path, example?.value, { token, headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site' } });
  },
);

const asking = (code: string) => named.filter(({ refusals }) => refusals.some((one) => one === code));

/** What takes a proof, asked with this one; a passkey in its path is nobody's. */
const withProof = (gatehouse: Gatehouse, endpoint: string, { accessToken: token }: Tokens, proof: object) => {
  const [method = '', path = ''] = endpoint.replace(':id', crypto.randomUUID()).split(' ');
  const act = path === '/step-up' && { act: { purpose: 'add-passkey' } };
  return gatehouse.call(method, path, { ...act, proof }, { token });
};

test('whatever hashes is refused while there is no room for another hash', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '0', LOG_LEVEL: 'silent' });
  const roomy = startGatehouse();
  const [ada, waiting] = [await loggedIn(roomy), person('waiting')];
  const links = {
    verify: linkTokenIn((await signUp(roomy, waiting)).mail),
    reset: await resetTokenFor(roomy, ada),
  };
  const { email, password, accessToken: token } = ada;
  const newPassword = 'a brand new kettle';
  const bodies: Record<string, object> = {
    'POST /signup': person('newcomer'),
    'POST /verify-email': { token: links.verify, password: waiting.password },
    'POST /reset-password': { token: links.reset, newPassword },
    'POST /login': { email, password },
    'POST /change-password': { currentPassword: password, newPassword },
    'POST /change-email': { newEmail: freshAddress(), currentPassword: password },
    'DELETE /me': { password },
  };
  // A place is taken before the trip that tells what to hash.
  const held = await hold('SELECT FROM failed_login_attempts FOR UPDATE', []);
  const busy = gatehouse.post('/login', { email, password });
  await held.waitedForBy(1);
  expect(asking('overloaded').length).toBeGreaterThan(6);
  for (const { name, method, path, guard } of asking('overloaded')) {
    const body = bodies[name];
    const own = guard === 'secured' ? { token } : {};
    const answer = body
      ? await gatehouse.call(method.toUpperCase(), path, body, own)
      : await withProof(gatehouse, name, ada, { password });
    expect(answer, name).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  }
  await held.letGo();
  expect((await busy).status).toBe(200);
});

test('whoever guesses at the password of a session is locked out of all that ask for it', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '1' });
  const { password, accessToken: token } = await loggedIn(gatehouse);
  const change = (currentPassword: string) =>
    gatehouse.post('/change-email', { newEmail: freshAddress(), currentPassword }, { token });
  expect((await change('not the password')).status).toBe(403);
  expect(await change(password)).toMatchObject(LOCKED);
  const newPassword = { currentPassword: password, newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/change-password', newPassword, { token })).toMatchObject(LOCKED);
  expect(await gatehouse.call('DELETE', '/me', { password }, { token })).toMatchObject(LOCKED);
});

const refused = (status: number, code: string) => ({ status, body: { code } });

test.each(asking('second_factor_locked').filter(({ guard }) => guard === 'secured'))(
  '$name: a wrong proof, the wrong kind, and one guess too many',
  async ({ name, refusals }) => {
    const gatehouse = startGatehouse({ LOGIN_TRIES: '1' });
    const ask = (who: Tokens, proof: object) => withProof(gatehouse, name, who, proof);
    const ada = await loggedIn(gatehouse);
    // Of whoever has none there is nothing to change.
    if (refusals.some((code) => code === 'not_found'))
      expect(await ask(ada, { password: ada.password }), name).toMatchObject(refused(404, 'not_found'));
    // What makes such tickets takes none.
    if (name !== 'POST /step-up')
      expect(await ask(ada, { stepUp: 'ticket' }), name).toMatchObject(refused(400, 'invalid_ticket'));
    expect(await ask(ada, { password: 'not it' }), name).toMatchObject(refused(403, 'wrong_password'));
    expect(await ask(ada, { password: ada.password }), name).toMatchObject(LOCKED);

    const bob = await guarded(gatehouse, 'bob');
    const { password, secret } = bob;
    expect(await ask(bob, { password }), name).toMatchObject(refused(403, 'second_factor_required'));
    const wrong = { code: wrongCode(gatehouse, secret) };
    expect(await ask(bob, wrong), name).toMatchObject(refused(403, 'wrong_second_factor'));
    const late = { code: nextCode(gatehouse, secret) };
    expect(await ask(bob, late), name).toMatchObject(refused(429, 'second_factor_locked'));
  },
);

test('an authenticator app that shows another code is not added', async () => {
  const gatehouse = startGatehouse();
  const { password, accessToken: token } = await loggedIn(gatehouse);
  const { secret, ticket } = (await gatehouse.post('/factors/totp', { proof: { password } }, { token })).body
    .data;
  const code = wrongCode(gatehouse, secret);
  const answer = await gatehouse.post('/factors/totp/confirm', { ticket, code }, { token });
  expect(answer).toMatchObject(refused(403, 'wrong_second_factor'));
});
