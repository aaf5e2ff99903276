import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { person } from '../support/person.ts';

const APP = 'https://app.example.com';
const gatehouse = startGatehouse({ ALLOWED_ORIGINS: `${APP}, https://admin.example.com:8443` });
const STRANGERS = [
  'null',
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com.evil.example',
  'https://evil-app.example.com',
  'https://app.example.com:444',
  'https://APP.example.com',
  'https://app.example.com/',
  `${APP}, https://evil.example`,
  gatehouse.config.issuer.replace('http:', 'https:'),
  '*',
];
// An address of its own: strangers have a number of tries of one, whatever file they are in.
const { email, password } = person('nobody');
const login = { email, password };

test.each([APP, new URL(gatehouse.config.issuer).origin])(
  'a page of %s may read the answers, the failures too',
  async (origin) => {
    const headers = { Origin: origin };
    for (const answer of [
      await gatehouse.get('/me', { headers }),
      await gatehouse.post('/login', login, { headers }),
      await gatehouse.get('//nowhere', { headers }),
    ]) {
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(origin);
      expect(answer.headers.get('Access-Control-Allow-Credentials')).toBe('true');
      expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
      expect(answer.headers.get('Vary')).toMatch(/\bOrigin\b/);
    }
  },
);

test('a preflight of a listed origin names fixed methods and headers, for ten minutes', async () => {
  const preflight = {
    Origin: APP,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'x-evil',
  };
  const { status, headers, body } = await gatehouse.call('OPTIONS', '/login', undefined, {
    headers: preflight,
  });
  expect([status, body]).toEqual([204, '']);
  expect(headers.get('Access-Control-Allow-Methods')).toBe('GET, POST, PATCH, DELETE');
  expect(headers.get('Access-Control-Allow-Headers')).toBe(
    'Authorization, Content-Type, X-Gatehouse-Transport',
  );
  expect(headers.get('Access-Control-Max-Age')).toBe('600');
});

test('OPTIONS that names no method is no preflight', async () => {
  const answer = await gatehouse.call('OPTIONS', '/login', undefined, { headers: { Origin: APP } });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('Allow')).toBe('POST');
  expect(answer.headers.get('Access-Control-Allow-Methods')).toBeNull();
});

test.each(STRANGERS)('a page of %s may read nothing and change nothing', async (origin) => {
  const preflight = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
  const who = person();
  const [options, read, write] = [
    await gatehouse.call('OPTIONS', '/login', undefined, { headers: preflight }),
    await gatehouse.get('/me', { headers: { Origin: origin } }),
    await gatehouse.tripsOf(() => gatehouse.post('/signup', who, { headers: { Origin: origin } })),
  ];
  for (const { headers } of [options, read, write.answer]) {
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.get('Vary')).toMatch(/\bOrigin\b/);
  }
  expect(options.status).toBe(405);
  expect(write).toMatchObject({ count: 0, answer: { status: 403, body: { code: 'origin_not_allowed' } } });
});

test.each([
  ['cross-site', 403],
  ['same-site', 403],
  ['same-origin', 401],
  ['none', 401],
])('without an origin, a login that the browser calls %s gives %i', async (site, status) => {
  const answer = await gatehouse.post('/login', login, { headers: { 'Sec-Fetch-Site': site } });
  expect(answer.status).toBe(status);
});

test('a listed page on another site may log in, and so may a client that is no browser', async () => {
  const headers = { Origin: APP, 'Sec-Fetch-Site': 'cross-site' };
  expect((await gatehouse.post('/login', login, { headers })).status).toBe(401);
  expect((await gatehouse.post('/login', login)).status).toBe(401);
});

test('to ask for cookies there is refused by its own code, which that page may read', async () => {
  const headers = { Origin: APP, 'Sec-Fetch-Site': 'cross-site', 'X-Gatehouse-Transport': 'cookie' };
  const answer = await gatehouse.post('/login', login, { headers });
  expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site' } });
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(APP);
  const stranger = { ...headers, Origin: 'https://evil.example' };
  expect((await gatehouse.post('/login', login, { headers: stranger })).body.code).toBe('origin_not_allowed');
});

test("by default only the issuer's own origin is listed", async () => {
  const own = startGatehouse();
  const status = async (origin: string) =>
    (await own.post('/login', login, { headers: { Origin: origin } })).status;
  expect(await status(own.config.issuer)).toBe(401);
  expect(await status(APP)).toBe(403);
});

test.each([
  '*',
  'null',
  'app.example.com',
  'https://*.example.com',
  'https://app.example.com/',
  'https://a.example,',
])('the list %s stops start-up', (origins) => {
  expect(() => startGatehouse({ ALLOWED_ORIGINS: origins })).toThrow('ALLOWED_ORIGINS');
});
