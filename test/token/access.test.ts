import { base64url, CompactSign, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { startGatehouse, startStill } from '../support/gatehouse.ts';
import { otherSpellings } from '../support/other-spellings.ts';
import { loggedIn, login } from '../support/person.ts';

/** Its clock stands still: what is a minute ahead stays so for as long as the test takes. */
const gatehouse = startStill();
const now = () => Math.floor(gatehouse.clock.now().getTime() / 1_000);
const { current, next } = gatehouse.config.accessTokenKeys;

/** The claims of a live token, to be signed again with one thing changed. */
async function liveClaims() {
  const { accessToken } = await loggedIn(gatehouse);
  const [, payload = ''] = accessToken.split('.');
  return { accessToken, claims: JSON.parse(new TextDecoder().decode(base64url.decode(payload))) };
}

const header = { alg: 'ES256', typ: 'at+jwt', kid: current.kid };

test('a token that is not exactly ours is refused', async () => {
  const { accessToken, claims } = await liveClaims();
  const sign = (changes: object, headers: object = {}) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ ...header, ...headers }).sign(current);
  const signText = (text: string) =>
    new CompactSign(new TextEncoder().encode(text)).setProtectedHeader(header).sign(current);
  for (const changes of [
    {},
    { exp: claims.iat + 3_600 },
    { iat: claims.iat + 20, auth_time: claims.iat + 20 },
  ])
    expect((await gatehouse.get('/me', { token: await sign(changes) })).status).toBe(200);

  const stranger = await generateKeyPair('ES256', { extractable: true });
  const strangerJwk = await exportJWK(stranger.publicKey);
  const part = (value: object) => base64url.encode(JSON.stringify(value));
  const refused: Record<string, string> = {
    'no algorithm': `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
    'the public key as an HMAC secret': await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(new TextEncoder().encode(JSON.stringify({ x: current.x, y: current.y }))),
    'a key of its own in the header': await new SignJWT(claims)
      .setProtectedHeader({ ...header, jwk: strangerJwk })
      .sign(stranger.privateKey),
    'an unknown kid': await sign({}, { kid: 'unknown' }),
    'a kid that is a path': await sign({}, { kid: '../../etc/passwd' }),
    'another type': await sign({}, { typ: 'JWT' }),
    'a critical header we do not know': `${part({ ...header, crit: ['b64x'], b64x: true })}.${accessToken.split('.').slice(1).join('.')}`,
    'another issuer': await sign({ iss: 'https://elsewhere.example' }),
    'another audience': await sign({ aud: 'elsewhere' }),
    'no expiry': await sign({ exp: undefined }),
    'an expiry that is text': await sign({ exp: '9999999999' }),
    'an expiry in the past': await sign({ exp: now() - 1 }),
    'a life of more than an hour': await sign({ exp: claims.iat + 3_601 }),
    'an endless life': await signText(
      JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e400'),
    ),
    'an issue in the future': await sign({ iat: claims.iat + 60 }),
    'a login in the future': await sign({ auth_time: claims.auth_time + 60 }),
    'a broken second': await sign({ iat: claims.iat + 0.5 }),
    'no id of its own': await sign({ jti: undefined }),
    'a start in the future': await sign({ nbf: now() + 60 }),
    'no session': await sign({ sid: undefined }),
    'a session that is no id': await sign({ sid: "' OR true --" }),
    'another user with this session': await sign({ sub: crypto.randomUUID() }),
    'no user': await sign({ sub: undefined }),
    'a changed payload': [
      accessToken.split('.')[0],
      part({ ...claims, sub: crypto.randomUUID() }),
      accessToken.split('.')[2],
    ].join('.'),
  };
  // White space around a header's value is the transport's.
  for (const token of otherSpellings(accessToken).filter((one) => !/\s/.test(one)))
    refused[`a token that ends in ${token.slice(-2)}`] = token;
  for (const [what, token] of Object.entries(refused)) {
    const { status, body, headers } = await gatehouse.get('/me', { token });
    expect({ status, code: body.code }, what).toEqual({ status: 401, code: 'invalid_token' });
    expect(headers.get('WWW-Authenticate'), what).toMatch(/^Bearer/);
  }
});

test('a token counts in the Authorization header as Bearer only', async () => {
  const { accessToken } = await loggedIn(gatehouse);
  const authorized = (Authorization: string) => gatehouse.get('/me', { headers: { Authorization } });
  expect((await authorized(`bearer ${accessToken}`)).status).toBe(200);
  expect((await authorized(`Basic ${accessToken}`)).status).toBe(401);
  expect((await authorized(accessToken)).status).toBe(401);
  expect((await gatehouse.get('/me')).status).toBe(401);
  const inQuery = await gatehouse.fetch(
    new Request(`http://localhost:8787/api/v1/auth/me?access_token=${accessToken}`),
  );
  expect(inQuery.status).toBe(401);
});

test('a token ends after 15 minutes', async () => {
  const own = startStill();
  const { accessToken: token } = await loggedIn(own);
  own.clock.travel(899);
  expect((await own.get('/me', { token })).status).toBe(200);
  own.clock.travel(2);
  expect((await own.get('/me', { token })).status).toBe(401);
});

test('the JWKS lists the public half of the current, next and retired keys and nothing else', async () => {
  const { body, headers } = await gatehouse.get('//.well-known/jwks.json');
  expect(body.keys.map(({ kid }: { kid: string }) => kid)).toEqual([current.kid, next?.kid]);
  for (const key of body.keys)
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect(headers.get('Cache-Control')).toBe('public, max-age=300');
});

test('a key rotation logs nobody out: a retired key verifies until it is removed', async () => {
  const ada = await loggedIn(gatehouse);
  if (!next) throw new Error('the test keys have a next key');
  const { d: _, ...retired } = current;
  const withKeys = (keys: object) =>
    startGatehouse({ ACCESS_TOKEN_KEYS: JSON.stringify(keys) }, {}, gatehouse.clock);
  const rotated = withKeys({ current: next, retired: [retired] });
  expect((await rotated.get('/me', { token: ada.accessToken })).status).toBe(200);
  const newest = (await login(rotated, ada)).body.data.accessToken;
  expect((await gatehouse.get('/me', { token: newest })).status).toBe(200);
  const removed = withKeys({ current: next });
  expect((await removed.get('/me', { token: ada.accessToken })).status).toBe(401);
});
