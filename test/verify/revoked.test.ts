/** Sessions that have ended, at a service that only verifies tokens. */
import { expect, test } from 'vitest';
import { signRevocations } from '../../src/token/revocations.ts';
import { type Gatehouse, startStill } from '../support/gatehouse.ts';
import { loggedIn, login } from '../support/person.ts';
import { down, startVerifier } from '../support/verifier.ts';

const LIST = '/.well-known/revoked-sessions';

/** What Gatehouse would sign, at a time of the test's choice. */
const answering = async (
  gatehouse: Gatehouse,
  notBefore?: Date,
  at = gatehouse.clock.now(),
  digests = '',
) => {
  const list = await signRevocations(gatehouse.config, { digests, notBefore }, at);
  return (url: string) =>
    url.endsWith(LIST) ? Promise.resolve(new Response(list)) : gatehouse.fetch(new Request(url));
};

test('a session that ended is refused within ten seconds by a busy service, and another of the person is not', async () => {
  const gatehouse = startStill();
  const ada = await loggedIn(gatehouse);
  const { accessToken: other } = (await login(gatehouse, ada)).body.data;
  const service = startVerifier(gatehouse);
  expect(await service.judge(ada.accessToken)).toBe('ok');
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  const seen: string[] = [];
  for (let second = 0; second < 9; second += 1) {
    gatehouse.clock.travel(1);
    seen.push(await service.judge(ada.accessToken));
  }
  expect(seen.at(-1)).toBe('invalid_token');
  expect(await service.judge(other)).toBe('ok');
});

test('a service that was idle asks before it answers, and so knows what ended meanwhile', async () => {
  const gatehouse = startStill();
  const ada = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  expect(await service.judge(ada.accessToken)).toBe('ok');
  service.asks();
  gatehouse.clock.travel(60);
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  gatehouse.clock.travel(10);
  expect(service.asks()).toEqual([]);
  expect(await service.judge(ada.accessToken)).toBe('invalid_token');
  expect(service.asks()).toEqual([LIST]);
});

test('a busy service asks every four seconds, beside its requests and not before them', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  await service.judge(accessToken);
  service.asks();
  let answered = 0;
  for (let n = 0; n < 100; n += 1) {
    gatehouse.clock.travel(0.2);
    const held = Promise.withResolvers<void>();
    service.stand(async (url) => {
      await held.promise;
      return gatehouse.fetch(new Request(url));
    });
    const beside: Promise<unknown>[] = [];
    await service.verifier.verify(accessToken, (work) => beside.push(work));
    answered += 1;
    held.resolve();
    await Promise.all(beside);
  }
  expect(answered).toBe(100);
  const asks = service.asks();
  expect(new Set(asks)).toEqual(new Set([LIST]));
  expect(asks.length).toBeGreaterThanOrEqual(4);
  expect(asks.length).toBeLessThanOrEqual(6);
});

test('while the list cannot be had requests pass, and after 30 seconds it is said, once in 30 seconds', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  await service.judge(accessToken);
  service.stand(down);
  gatehouse.clock.travel(25);
  expect([await service.judge(accessToken), service.reports]).toEqual(['ok', []]);
  gatehouse.clock.travel(10);
  for (let n = 0; n < 5; n += 1) expect(await service.judge(accessToken)).toBe('ok');
  expect(service.reports).toHaveLength(1);
  gatehouse.clock.travel(31);
  expect(await service.judge(accessToken)).toBe('ok');
  expect(service.reports).toHaveLength(2);
  service.stand();
  gatehouse.clock.travel(4);
  expect([await service.judge(accessToken), await service.judge(accessToken)]).toEqual(['ok', 'ok']);
  expect(service.reports).toHaveLength(2);
});

test('a service that fails closed refuses all with 503 from then on, and a new one at once', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse, { failClosed: true });
  await service.judge(accessToken);
  service.stand(async (url) => (url.endsWith(LIST) ? down() : gatehouse.fetch(new Request(url))));
  gatehouse.clock.travel(25);
  expect(await service.judge(accessToken)).toBe('ok');
  gatehouse.clock.travel(10);
  expect(await service.judge(accessToken)).toBe('service_unavailable');
  const late = startVerifier(gatehouse, { failClosed: true });
  late.stand(async (url) => (url.endsWith(LIST) ? down() : gatehouse.fetch(new Request(url))));
  expect(await late.judge(accessToken)).toBe('service_unavailable');
  service.stand();
  gatehouse.clock.travel(4);
  await service.judge(accessToken);
  expect(await service.judge(accessToken)).toBe('ok');
});

test('what is loaded goes on when the one who asked hangs up, waited for or not', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  const kept: Promise<unknown>[] = [];
  await service.verifier.verify(accessToken, (work) => kept.push(work));
  expect(kept).toHaveLength(2);
});

test('a list that hangs holds up one request and not those after it', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  await service.judge(accessToken);
  service.stand((_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)));
  gatehouse.clock.travel(7);
  expect(await service.judge(accessToken)).toBe('ok');
  gatehouse.clock.travel(4);
  const beside: Promise<unknown>[] = [];
  await service.verifier.verify(accessToken, (work) => beside.push(work));
  expect(beside).toHaveLength(1);
  await Promise.all(beside);
});

test('tokens from before notBefore are refused whatever their session, and newer ones pass', async () => {
  const gatehouse = startStill();
  const { accessToken: old, refreshToken } = await loggedIn(gatehouse);
  gatehouse.clock.travel(5);
  const ended = gatehouse.clock.now();
  gatehouse.clock.travel(2);
  const { accessToken: young } = (await gatehouse.post('/refresh', { refreshToken })).body.data;
  const service = startVerifier(gatehouse);
  service.stand(await answering(gatehouse, ended));
  expect([await service.judge(old), await service.judge(young)]).toEqual(['invalid_token', 'ok']);
});

test('a list that is older than the last, has expired, is signed by another or is something else is not taken', async () => {
  const gatehouse = startStill();
  const { accessToken } = await loggedIn(gatehouse);
  const service = startVerifier(gatehouse);
  const everybody = new Date(gatehouse.clock.now().getTime() + 60_000);
  service.stand(await answering(gatehouse, undefined));
  expect(await service.judge(accessToken)).toBe('ok');
  const stranger = startStill({
    ACCESS_TOKEN_KEYS: JSON.stringify({ current: gatehouse.config.accessTokenKeys.next }),
    ISSUER: 'https://auth.evil.example',
  });
  const bad = [
    await answering(gatehouse, everybody, new Date(gatehouse.clock.now().getTime() - 5_000)),
    await answering(gatehouse, everybody, new Date(gatehouse.clock.now().getTime() - 120_000)),
    await answering(stranger, everybody),
    async (url: string) =>
      url.endsWith(LIST) ? new Response(accessToken) : gatehouse.fetch(new Request(url)),
    async () => new Response('{}'),
    async () => new Response('', { status: 500 }),
  ];
  for (const one of bad) {
    service.stand(one);
    gatehouse.clock.travel(4);
    expect([await service.judge(accessToken), await service.judge(accessToken)]).toEqual(['ok', 'ok']);
  }
  service.stand(await answering(gatehouse, everybody));
  gatehouse.clock.travel(4);
  await service.judge(accessToken);
  expect(await service.judge(accessToken)).toBe('invalid_token');
});
