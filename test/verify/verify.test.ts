/** What a service takes for a token, by the key set alone: it and Gatehouse itself must agree. */
import { SignJWT } from 'jose';
import { expect, test, vi } from 'vitest';
import { requireFresh, requireMfa, VerifyError } from '../../packages/verify/src/index.ts';
import { startStill } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';
import { sidOf } from '../support/revocations.ts';
import { down, startVerifier } from '../support/verifier.ts';

const KEYS = '/.well-known/jwks.json';
const LIST = '/.well-known/revoked-sessions';

test('a token gives its session, and costs Gatehouse and its database nothing once keys and list are there', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  const session = await service.verifier.verify(accessToken);
  expect(session).toMatchObject({ sessionId: sidOf({ accessToken }), amr: ['pwd'] });
  const profile = (await gatehouse.get('/me', { token: accessToken })).body.data;
  expect(session.userId).toBe(profile.id);
  expect(session.expiresAt.getTime() - session.issuedAt.getTime()).toBe(900_000);
  expect(service.asks().sort()).toEqual([KEYS, LIST]);
  const { count } = await gatehouse.tripsOf(async () => {
    for (let n = 0; n < 20; n += 1) expect(await service.judge(accessToken)).toBe('ok');
  });
  expect([count, service.asks()]).toEqual([0, []]);
});

test('requests that come before the first answer share it: each asks once', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  // They wait for two seconds by the clock: it stands still.
  vi.useFakeTimers({ toFake: ['Date'] });
  const answers = await Promise.all(Array.from({ length: 20 }, () => service.judge(accessToken)));
  vi.useRealTimers();
  expect(new Set(answers)).toEqual(new Set(['ok']));
  expect(service.asks().sort()).toEqual([KEYS, LIST]);
});

test('what is forged, expired, for another service, from another issuer or no access token is refused', async () => {
  const gatehouse = startStill();
  const { accessToken, refreshToken, deviceToken } = await loggedIn(gatehouse);
  const { current } = gatehouse.config.accessTokenKeys;
  const service = startVerifier(gatehouse);
  const list = (await gatehouse.get('//.well-known/revoked-sessions')).body;
  const seconds = Math.floor(gatehouse.clock.now().getTime() / 1_000);
  const signed = (changes: Record<string, unknown>, header: Record<string, string> = {}) =>
    new SignJWT({
      iss: gatehouse.config.issuer,
      aud: gatehouse.config.audience,
      sub: crypto.randomUUID(),
      sid: crypto.randomUUID(),
      amr: ['pwd'],
      iat: seconds,
      exp: seconds + 900,
      auth_time: seconds,
      ...changes,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: current.kid, ...header })
      .sign(current);
  expect(await service.judge(await signed({}))).toBe('ok');
  const wrong = [
    '',
    'x',
    `${accessToken}x`,
    accessToken.replace(/\.[^.]+$/, '.'),
    refreshToken,
    deviceToken,
    list,
    await signed({ aud: 'another' }),
    await signed({ iss: 'https://evil.example' }),
    await signed({ exp: seconds - 1 }),
    await signed({ exp: seconds + 3_601 }),
    await signed({ iat: seconds + 60, exp: seconds + 900 }),
    await signed({ sid: undefined }),
    await signed({ sid: 7 }),
    await signed({ amr: 'pwd' }),
    await signed({}, { typ: 'JWT' }),
    await signed({}, { kid: 'another' }),
  ];
  for (const token of wrong) expect(await service.judge(token), token).toBe('invalid_token');
  const idle = startVerifier(gatehouse);
  for (const token of wrong) expect(await idle.judge(token), token).toBe('invalid_token');
  expect(idle.asks()).not.toContain(LIST);
});

test('the keys are kept, however old, while Gatehouse is down; without any nothing passes', async () => {
  const gatehouse = startStill({ ACCESS_TOKEN_SECONDS: '3600' });
  const { accessToken } = await loggedIn(gatehouse);
  const [service, late] = [startVerifier(gatehouse), startVerifier(gatehouse)];
  expect(await service.judge(accessToken)).toBe('ok');
  service.stand(down);
  late.stand(down);
  gatehouse.clock.travel(3_000);
  expect(await service.judge(accessToken)).toBe('ok');
  expect(await late.judge(accessToken)).toBe('service_unavailable');
});

test('a key that is new is fetched when a token names it, and made-up names make nobody ask again and again', async () => {
  const before = startStill();
  const { accessToken: old } = await loggedIn(before);
  const service = startVerifier(before);
  expect(await service.judge(old)).toBe('ok');
  const { current, next, retired } = before.config.accessTokenKeys;
  const rotated = { current: next, retired: [current, ...retired] };
  const after = startStill({ ACCESS_TOKEN_KEYS: JSON.stringify(rotated) });
  service.stand((url) => after.fetch(new Request(url)));
  before.clock.travel(31);
  const { accessToken } = await loggedIn(after);
  expect([await service.judge(accessToken), await service.judge(old)]).toEqual(['ok', 'ok']);
  service.asks();
  const [, payload, signature] = accessToken.split('.');
  for (let n = 0; n < 30; n += 1) {
    const header = btoa(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `made-up-${n}` })).replaceAll(
      '=',
      '',
    );
    expect(await service.judge(`${header}.${payload}.${signature}`)).toBe('invalid_token');
  }
  expect(service.asks().filter((path) => path === KEYS).length).toBeLessThanOrEqual(1);
});

test('a login must be as recent as is asked for, which no refresh makes it, and by two factors where that is', async () => {
  const gatehouse = startStill();
  const { refreshToken } = await loggedIn(gatehouse);
  gatehouse.clock.travel(600);
  const { accessToken } = (await gatehouse.post('/refresh', { refreshToken })).body.data;
  const session = await startVerifier(gatehouse).verifier.verify(accessToken);
  expect(() => requireFresh(session, 900)).not.toThrow();
  expect(() => requireFresh(session, 300)).toThrow(VerifyError);
  expect(() => requireMfa(session)).toThrow(VerifyError);
  expect(() => requireMfa({ ...session, amr: ['pwd', 'otp', 'mfa'] })).not.toThrow();
});
