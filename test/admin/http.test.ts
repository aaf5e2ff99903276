/** The HTTP door of the admin Worker: who gets in, from which page, and what each endpoint answers. */
import { env } from 'cloudflare:workers';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, expectTypeOf, test } from 'vitest';
import shell from '../../pages/admin.html?raw';
import type { Found, Shown } from '../../pages/src/admin/answers.ts';
import { answerOperator, type Door } from '../../src/admin/http.ts';
import { readAdminConfig } from '../../src/config/read.ts';
import type { FoundPerson } from '../../src/store/people.ts';
import type { PersonPage } from '../../src/store/person-page.ts';
import { accountsOf } from '../support/accounts.ts';
import { actsOn, adminDeps } from '../support/admin.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { loggedIn, login } from '../support/person.ts';

const access = {
  issuer: 'https://acme.cloudflareaccess.example',
  audience: 'a4711',
  origin: 'https://admin.acme.example',
};
const gatehouse = startGatehouse();
/** What the page of an operator is made of, and what was asked for. */
const files: string[] = [];
const assets = {
  async fetch(url: string) {
    files.push(new URL(url).pathname);
    return url.endsWith('/shell') ? new Response(shell) : new Response('x', { status: 404 });
  },
} as unknown as Fetcher;
let team: CryptoKeyPair;
let thief: CryptoKeyPair;
let door: Door;

beforeAll(async () => {
  [team, thief] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(team.publicKey)), kid: 'team', alg: 'RS256' }],
  });
  const config = readAdminConfig({ ...(env as object), LOG_LEVEL: 'silent' });
  door = { config, deps: adminDeps(gatehouse), access, keys, assets };
});

const now = () => Math.floor(Date.now() / 1_000);
type Signing = { claims?: Record<string, unknown>; key?: CryptoKey | Uint8Array; alg?: string; kid?: string };
const token = ({ claims = {}, key = team.privateKey, alg = 'RS256', kid = 'team' }: Signing = {}) =>
  new SignJWT({
    ...{ iss: access.issuer, aud: [access.audience], sub: 'b1', email: 'bob@acme.example', type: 'app' },
    ...{ iat: now(), exp: now() + 60, ...claims },
  })
    .setProtectedHeader({ alg, kid })
    .sign(key);

const OWN = { Origin: access.origin, 'X-Gatehouse-Admin': '1', 'Sec-Fetch-Site': 'same-origin' };

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  jwt?: string,
) {
  const request = new Request(access.origin + path, {
    method,
    headers: {
      ...OWN,
      'Cf-Access-Jwt-Assertion': jwt ?? (await token()),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const response = await answerOperator(request, door);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, never>,
  };
}

test('an operator whom Access has let in finds, shows and acts, under the proven name', async () => {
  const ada = await loggedIn(gatehouse);
  const found = await ask('GET', `/api/people?search=${encodeURIComponent(ada.email)}`);
  expect(found).toMatchObject({ status: 200, body: { people: [{ email: ada.email, state: 'active' }] } });
  const { id } = (found.body as { people?: { id: string }[] }).people?.[0] ?? {};
  expect(await ask('GET', `/api/people/${id}`)).toMatchObject({ status: 200, body: { account: { id } } });
  const reason = { reason: 'ticket 4711' };
  expect(await ask('POST', `/api/people/${id}/logout`, reason)).toMatchObject({
    status: 200,
    body: { outcome: 'done' },
  });
  expect(await endsOf(ada.email)).toEqual(['operator']);
  expect((await ask('POST', `/api/people/${id}/export`, reason)).body).toMatchObject({ account: { id } });
  const email = { email: ada.email, ...reason };
  expect((await ask('POST', '/api/mail/suppress', email)).body).toEqual({ isChanged: true });
  expect((await ask('POST', '/api/mail/unsuppress', email)).body).toEqual({ isChanged: true });
  for (const { operator, door: via } of await actsOn(ada.email))
    expect([operator, via]).toEqual(['bob@acme.example', 'access']);
  expect((await actsOn(ada.email)).map(({ kind }) => kind)).toEqual(
    ['viewed', 'logged_out', 'exported', 'suppressed', 'unsuppressed'].map((kind) => `admin.${kind}`),
  );
  expect((await login(gatehouse, ada)).status).toBe(200);
});

const encoded = (part: unknown) => btoa(JSON.stringify(part)).replace(/=+$/, '');
const FORGED: [string, () => Promise<string> | string][] = [
  ['no token', () => ''],
  ['no JWT', () => 'bob@acme.example'],
  ['a JWT of another team', () => token({ key: thief.privateKey })],
  ['a key id that nobody has', () => token({ kid: 'other' })],
  ['one that has expired', () => token({ claims: { exp: now() - 60, iat: now() - 120 } })],
  ['one for later', () => token({ claims: { nbf: now() + 600 } })],
  ['one for another application', () => token({ claims: { aud: ['other'] } })],
  ['another issuer', () => token({ claims: { iss: 'https://evil.cloudflareaccess.example' } })],
  [
    'a service token, which has no address',
    () => token({ claims: { email: undefined, sub: '', common_name: 'x' } }),
  ],
  ['an organisation token', () => token({ claims: { type: 'org' } })],
  ['no end', () => token({ claims: { exp: undefined } })],
  ['HS256 under a public value', () => token({ key: new Uint8Array(32).fill(1), alg: 'HS256' })],
  ['alg none', async () => `${encoded({ alg: 'none', kid: 'team' })}.${(await token()).split('.')[1]}.`],
];
test.each(FORGED)('%s: nobody gets in, and nothing tells which paths there are', async (_, make) => {
  const jwt = await make();
  for (const path of ['/api/people?search=ada', '/nothing', '/', '/pages/look.css', '/brand/logo.svg']) {
    const answer = await ask('GET', path, undefined, {}, jwt);
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
  }
  expect(files, 'no file is read for them').toEqual([]);
});

test.each([
  ['of another origin', { Origin: 'https://evil.example' }],
  ['of a sibling', { Origin: 'https://x.admin.acme.example' }],
  ['of a sandbox', { Origin: 'null' }],
  ['of another site, as the browser says', { 'Sec-Fetch-Site': 'cross-site' }],
  ['of the same site, but another origin', { 'Sec-Fetch-Site': 'same-site' }],
  ['without our header', { 'X-Gatehouse-Admin': '' }],
])('a page %s does nothing with the cookie of an operator', async (_, headers) => {
  const { email } = await loggedIn(gatehouse);
  const [{ id } = { id: '' }] = await accountsOf(email);
  for (const asked of [
    await ask('POST', `/api/people/${id}/disable`, { reason: 'ticket 1' }, headers),
    await ask('GET', `/api/people/${id}`, undefined, headers),
  ])
    expect(asked).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
  expect(await actsOn(email)).toEqual([]);
});

test('only JSON, of known fields, with a reason; and only what is there', async () => {
  const { email } = await loggedIn(gatehouse);
  const [{ id } = { id: '' }] = await accountsOf(email);
  const disable = `/api/people/${id}/disable`;
  const form = { 'Content-Type': 'text/plain' };
  expect((await ask('POST', disable, '{"reason":"ticket 1"}', form)).status).toBe(415);
  expect((await ask('POST', disable, '{"reason":')).status).toBe(400);
  for (const body of [
    {},
    { reason: '' },
    { reason: 'a\nb c' },
    { reason: 'ticket', operator: 'eve' },
    [],
    { reason: 7 },
  ])
    expect((await ask('POST', disable, body)).body, JSON.stringify(body)).toMatchObject({
      code: 'validation_failed',
    });
  expect((await ask('GET', disable)).status).toBe(404);
  expect((await ask('POST', `/api/people/${id}/password`, { reason: 'ticket 1' })).status).toBe(404);
  expect(
    (await ask('POST', `/api/people/${crypto.randomUUID()}/disable`, { reason: 'ticket 1' })).status,
  ).toBe(404);
  expect((await ask('GET', '/api/people/%E0%A4%A')).status).toBe(404);
  expect((await ask('GET', '/api/people/1')).status).toBe(422);
  expect(await actsOn(email)).toEqual([]);
  const { headers } = await ask('GET', '/api/people?search=ada');
  expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  expect(headers.get('Cache-Control')).toBe('no-store');
  expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
});

test('the page opens from anywhere, under a strict policy, with the name of the operator as text; and nothing else is a file', async () => {
  const open = async (path: string, email = 'bob@acme.example', method = 'GET') =>
    answerOperator(
      new Request(access.origin + path, {
        method,
        headers: {
          'Cf-Access-Jwt-Assertion': await token({ claims: { email } }),
          'Sec-Fetch-Site': 'cross-site',
        },
      }),
      door,
    );
  const page = await open('/', '"><script>$&@acme.example');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('data-operator="&quot;&gt;&lt;script&gt;$&amp;@acme.example"');
  const policy = page.headers.get('Content-Security-Policy');
  for (const part of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"])
    expect(policy).toContain(part);
  expect(policy).not.toMatch(/unsafe|https?:/);
  expect(page.headers.get('Cache-Control')).toBe('no-store');
  files.length = 0;
  for (const path of [
    '/shell',
    '/shell.html',
    '/pages/',
    '/pages/../shell',
    '/pages/a/b',
    '/pages/%2e%2e/shell',
  ])
    expect((await open(path)).status, path).toBe(403);
  expect((await open('/', undefined, 'POST')).status).toBe(403);
  expect(files).toEqual([]);
});

test('the page knows the answers as they are', () => {
  type Sent<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Sent<T[K]> } : T;
  expectTypeOf<Sent<PersonPage>>().toExtend<Shown>();
  expectTypeOf<Sent<FoundPerson>>().toExtend<Found>();
});
