import { env } from 'cloudflare:workers';
import { expect, inject, test, vi } from 'vitest';
import { signup } from '../../src/account/signup.ts';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { isCommon, isMadeOf } from '../../src/password/blocklist.ts';
import { PACKED } from '../../src/password/commonest.ts';
import { assertLength } from '../../src/password/policy.ts';
import { Refusal } from '../../src/refusal.ts';
import { wire } from '../../src/wiring.ts';
import { BREACHED } from '../support/breach-range.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, person } from '../support/person.ts';

const BLOCKED = { status: 422, body: { code: 'password_blocked', errors: [{ path: 'password' }] } };
const breachUrl = (mode: string) => `${inject('env').CONTROL_URL}/breach/${mode}`;

test.each([
  'password',
  'Password1',
  '12345678',
  'qwertyuiop',
  'iloveyou',
  'sunshine',
  'trustno1',
  'baseball',
  'football',
  'superman',
  'starwars',
  'whatever',
  '1q2w3e4r',
  'passw0rd',
  '11111111',
  'princess1',
  'jennifer',
  'computer',
  'corvette',
  'mercedes',
  'LIVERPOOL',
  'samantha',
  'password123',
  'qwerty123456',
  '1qaz2wsx3edc',
])('the common password %s is refused', async (password) => {
  expect(await isCommon(password)).toBe(true);
});

test('a common password is refused at sign-up, in the field it came in, and not repeated', async () => {
  const gatehouse = startGatehouse();
  const answer = await gatehouse.post('/signup', { ...person(), password: 'TrustNo1' });
  expect(answer).toMatchObject(BLOCKED);
  expect(JSON.stringify(answer.body)).not.toContain('TrustNo1');
});

test('there is no rule about what a password is made of', async () => {
  const gatehouse = startGatehouse();
  for (const password of [
    '83650174928365017492',
    'quietlowercaseletters',
    '        x',
    'тихая река',
    '🦊🌊🏔️🌲🪨🐟🌙☔',
    'PLUM KETTLE ORBIT',
  ]) {
    expect((await gatehouse.post('/signup', { ...person(), password })).status, password).toBe(200);
  }
});

test.each([
  ['x', 8, 256],
  ['🦊', 8, 256],
  ['e\u0301', 8, 256],
])('%s is one character of a password, which has 8 to 256', (character, least, most) => {
  const { config } = startGatehouse();
  const judge = (count: number) => () =>
    assertLength(config, { password: character.repeat(count), path: 'password' });
  for (const count of [least, most]) expect(judge(count)).not.toThrow();
  for (const count of [least - 1, most + 1]) expect(judge(count)).toThrow(Refusal);
});

test('the list has 20,000 passwords in less than 48 KiB, and lets others pass', async () => {
  expect(PACKED.length).toBeLessThan(48 * 1_024);
  expect(await isCommon('plum kettle orbit')).toBe(false);
});

test.each([
  ['gatehouse', 'Gatehouse2026'],
  ['gatehouse', 'G4teH0us3!!'],
  ['gatehouse', 'gatehousegatehouse'],
  ['gatehouse', '--gätehouse--'],
  ['ada lovelace', 'AdaLovelace'],
  ['ada lovelace', 'lovelace.ada.1815'],
  ['lovelace', '1ove1ace99'],
  ['virginia', 'v|r9ini4'],
  ['gatehouse', 'ｇａｔｅｈｏｕｓｅ'],
  ['example.com', 'example.com1'],
])('%s makes %s', (words, password) => {
  expect(isMadeOf(password, [words, ...words.split(/[ .]/)])).toBe(true);
});

test.each([
  ['gatehouse', 'the gatehouse keeper'],
  ['ada', 'adamant cliffs'],
  ['ada', 'ada keeps a plum kettle'],
  ['ada', 'ada 83650174928365'],
  ['al', 'al al al al al'],
  ['', '12345678901'],
])('%s does not make %s', (word, password) => {
  expect(isMadeOf(password, [word])).toBe(false);
});

test('a sign-up may not use its own name, address or domain, nor ours, as the whole password', async () => {
  const gatehouse = startGatehouse({ PRODUCT_NAME: 'Plumhaven' });
  const who = { name: 'Ada Lovelace', email: 'countess.king@engine-works.example', password: '' };
  for (const password of [
    'adalovelace',
    'Lovelace1815',
    'countess.king',
    'C0untessK1ng',
    'engine-works!',
    'Plumhaven99',
  ])
    expect(await gatehouse.post('/signup', { ...who, password }), password).toMatchObject(BLOCKED);
  expect((await gatehouse.post('/signup', { ...who, password: 'a plumhaven for countess' })).status).toBe(
    200,
  );
});

test('a breached password is refused, and the service that knows it sees five characters of its hash', async () => {
  const gatehouse = startGatehouse({ BREACH_URL: breachUrl('up') });
  // Asked again where the machine was too busy for an answer in time.
  await expect
    .poll(() => gatehouse.post('/signup', { ...person(), password: BREACHED }))
    .toMatchObject(BLOCKED);
  expect((await gatehouse.post('/signup', person())).status).toBe(200);
  const asked = await (await fetch(`${inject('env').CONTROL_URL}/breach/asked`)).json();
  for (const { path, padding } of asked as { path: string; padding: string }[]) {
    expect(path).toMatch(/^\/breach\/\w+\/range\/[0-9A-F]{5}$/);
    expect(padding).toBe('true');
  }
});

test('padding is no breach, and without a service no request is sent', async () => {
  for (const settings of [{ BREACH_URL: breachUrl('padding') }, {}]) {
    const answer = await startGatehouse(settings).post('/signup', { ...person(), password: BREACHED });
    expect(answer.status).toBe(200);
  }
});

test.each(['down', 'garbage', 'hang'])(
  'when the service is %s the list still applies and the log says so',
  async (mode) => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const gatehouse = startGatehouse({ BREACH_URL: breachUrl(mode), LOG_LEVEL: 'warn' });
    expect((await gatehouse.post('/signup', person())).status).toBe(200);
    expect(await gatehouse.post('/signup', { ...person(), password: 'iloveyou' })).toMatchObject(BLOCKED);
    expect(warned.mock.calls).toEqual([['{"level":"warn","event":"breach.degraded"}']]);
    warned.mockRestore();
  },
);

test('a login sends no request to such a service', async () => {
  // Of its own, for the service knows what all tests have asked it.
  const mode = `login${crypto.randomUUID().replaceAll('-', '')}`;
  const gatehouse = startGatehouse({ BREACH_URL: breachUrl(mode) });
  const asked = async () =>
    (await (await fetch(`${inject('env').CONTROL_URL}/breach/asked`)).json<{ path: string }[]>()).filter(
      ({ path }) => path.includes(mode),
    );
  await gatehouse.post('/login', { email: person('nobody').email, password: BREACHED });
  expect(await asked()).toEqual([]);
});

test('a sign-up without a route, such as an import, has the same policy', async () => {
  const { config } = startGatehouse();
  const deps = wire(config, env as unknown as ApiBindings)(() => {}, { trips: 0, ms: 0 }, 'import');
  const caller = { client: null, userAgent: null, place: null, requestId: 'import' };
  const refused = signup(deps, caller, { ...person('imported'), password: 'password1' });
  await expect(refused).rejects.toMatchObject({ code: 'password_blocked' });
});

test('a change of the password may not use the own name, address or our host either', async () => {
  const gatehouse = startGatehouse({ ISSUER: 'https://plumhaven.example' });
  const ada = await loggedIn(gatehouse, 'countess');
  await gatehouse.call('PATCH', '/me', { name: 'Ada Lovelace' }, { token: ada.accessToken });
  for (const newPassword of ['AdaLovelace1815', 'Countess1815', ada.email, 'plumhaven.example'])
    expect(
      await gatehouse.post(
        '/change-password',
        { currentPassword: ada.password, newPassword },
        { token: ada.accessToken },
      ),
      newPassword,
    ).toMatchObject({ status: 422, body: { code: 'password_blocked', errors: [{ path: 'newPassword' }] } });
});

test.each([
  ['countess1234567', true],
  ['countess12345678', false],
])('beside a word, %s is padding: %s', (password, isPadding) => {
  expect(isMadeOf(password, ['countess'])).toBe(isPadding);
});
