/** What every answer carries, whatever it is. */
import { expect, test } from 'vitest';
import { endpoints } from '../../src/app.ts';
import { isEdgeLimit } from '../../src/config/limits.ts';
import { paths } from '../support/contract.ts';
import { clearFault, fault } from '../support/control-client.ts';
import { type Answer, startGatehouse } from '../support/gatehouse.ts';
import { person } from '../support/person.ts';

const gatehouse = startGatehouse();
const login = { email: person('nobody').email, password: 'plum kettle orbit' };

async function crash(): Promise<Answer> {
  await fault(gatehouse.name, { fail: '42P01' });
  const answer = await gatehouse.post('/login', login);
  await clearFault(gatehouse.name);
  return answer;
}

const answers: [string, number, () => Promise<Answer>][] = [
  ['a success', 200, () => gatehouse.get('//health/live')],
  ['the JWKS', 200, () => gatehouse.get('//.well-known/jwks.json')],
  ['the sessions that ended', 200, () => gatehouse.get('//.well-known/revoked-sessions')],
  ['the pages that may use passkeys', 200, () => gatehouse.get('//.well-known/webauthn')],
  ['the OpenAPI document', 200, () => gatehouse.get('//openapi.json')],
  ['the docs', 200, () => gatehouse.get('//api-docs')],
  [
    'a preflight',
    204,
    () =>
      gatehouse.call('OPTIONS', '/login', undefined, {
        headers: { Origin: gatehouse.config.issuer, 'Access-Control-Request-Method': 'POST' },
      }),
  ],
  ['malformed JSON', 400, () => gatehouse.call('POST', '/login', undefined, { raw: '{' })],
  ['a wrong password', 401, () => gatehouse.post('/login', login)],
  ['a missing token', 401, () => gatehouse.get('/me')],
  [
    'a foreign origin',
    403,
    () => gatehouse.post('/login', login, { headers: { Origin: 'https://evil.example' } }),
  ],
  ['an unknown path', 404, () => gatehouse.get('//nowhere')],
  ['another method', 405, () => gatehouse.get('/login')],
  ['a body too large', 413, () => gatehouse.call('POST', '/login', undefined, { raw: 'x'.repeat(20_000) })],
  [
    'another content type',
    415,
    () =>
      gatehouse.call('POST', '/login', undefined, { raw: '{}', headers: { 'Content-Type': 'text/plain' } }),
  ],
  ['a missing field', 422, () => gatehouse.post('/login', {})],
  ['a fault of ours', 500, crash],
];

/** What may be kept on the way, and nothing else. */
const CACHED: Record<string, RegExp> = {
  'the JWKS': /^public, max-age=300$/,
  'the pages that may use passkeys': /^public, max-age=3600$/,
  'the sessions that ended': /^public, max-age=[0-3]$/,
};

test.each(answers)('%s (%i) is not sniffed, framed, cached or leaked from', async (what, status, call) => {
  const answer = await call();
  expect(answer.status).toBe(status);
  const header = (name: string) => answer.headers.get(name);
  expect(header('Strict-Transport-Security')).toBe('max-age=63072000; includeSubDomains; preload');
  expect(header('X-Content-Type-Options')).toBe('nosniff');
  expect(header('Referrer-Policy')).toBe('no-referrer');
  expect(header('Cross-Origin-Resource-Policy')).toBe('same-origin');
  expect(header('Cross-Origin-Opener-Policy')).toBe('same-origin');
  expect(header('X-Frame-Options')).toBe('DENY');
  const policy = header('Content-Security-Policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).toContain("form-action 'none'");
  if (what !== 'the docs') expect(policy).not.toMatch(/script-src|style-src/);
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(header('Cache-Control')).toMatch(CACHED[what] ?? /^no-store$/);
  expect(header('Server')).toBeNull();
  expect(header('X-Powered-By')).toBeNull();
});

test('every endpoint has a limit and documents 429; what is counted globally says in every answer how far it is used', async () => {
  for (const { method, path, guard, limits } of endpoints) {
    expect(limits.length, path).toBeGreaterThan(0);
    const answer = await gatehouse.call(method.toUpperCase(), path, method === 'get' ? undefined : {});
    const [policy, used] = [answer.headers.get('RateLimit-Policy'), answer.headers.get('RateLimit')];
    if (limits.every(isEdgeLimit)) {
      expect([policy, used], path).toEqual([null, null]);
    } else {
      expect(policy, `${guard} ${path}`).toMatch(/^"[a-zA-Z]+-\d+";q=\d+;w=\d+(, |$)/);
      expect(used, path).toMatch(/^"[a-zA-Z]+-\d+";r=\d+;t=\d+(, |$)/);
    }
    const documented = path.replace(/:(\w+)/g, '{$1}');
    expect(paths[`/api/v1/auth${documented}`]?.[method]?.responses, path).toHaveProperty('429');
  }
});

/** Whose requests use up whose: a mailed link is a mailed link, whatever it is for. */
const LIMITS_OF_OPEN = {
  '/signup': ['signup'],
  '/verify-email': ['verify'],
  '/verify-email/resend': ['resend'],
  '/login': ['loginBurst', 'login'],
  '/login/mfa': ['loginBurst', 'mfa'],
  '/login/enrol': ['loginBurst', 'mfa'],
  '/login/enrol/confirm': ['loginBurst', 'mfa'],
  '/login/passkey/options': ['loginBurst'],
  '/login/passkey': ['loginBurst', 'login'],
  '/refresh': ['refresh'],
  '/logout': ['logout'],
  '/forgot-password': ['forgot'],
  '/reset-password': ['reset'],
  '/change-email/cancel': ['reset'],
};

test('no endpoint uses up the limit of another kind, and whoever shows an access token is counted by session too', () => {
  const open = endpoints.filter(({ guard }) => guard === 'open');
  expect(Object.fromEntries(open.map(({ path, limits }) => [path, limits]))).toEqual(LIMITS_OF_OPEN);
  for (const { path, guard, limits, refusals } of endpoints) {
    if (guard === 'secured') expect(limits, path).toContain('accountSession');
    if (refusals.some((code) => code === 'wrong_password')) expect(limits, path).toContain('confirm');
  }
});

test('a method that is not known at all is refused like any other', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'BREW']) {
    const answer = await gatehouse.call(method, '/login').catch(() => undefined);
    // Some methods no client can even send.
    if (answer) expect(answer.status).toBe(405);
  }
});
