/** What the secrets of second factors and mailed codes are made of, and whose clock judges them (ASVS 6.5.3, 6.5.4, 6.5.8). */
import { expect, test } from 'vitest';
import { shownCodes } from '../../src/factor/recovery.ts';
import { newSecret } from '../../src/factor/totp.ts';
import { deriveCode } from '../../src/mail/proof.ts';
import { startStill } from '../support/gatehouse.ts';
import { codeIn } from '../support/mailbox.ts';
import { loggedIn, person, signUp } from '../support/person.ts';
import { codeAt, guarded, stepOf, ticketFor } from '../support/totp-app.ts';

const key = { id: 'k1', secret: new Uint8Array(32).map((_, index) => index * 7 + 1) };
const countOf = (all: string[], character: string) => all.filter((one) => one === character).length;

test('the secret of an app has 160 bits, each as often one as nought, and none comes twice', () => {
  const secrets = Array.from({ length: 2_000 }, newSecret);
  expect(new Set(secrets.map(String)).size).toBe(secrets.length);
  for (let bit = 0; bit < 160; bit++) {
    const ones = secrets.filter((bytes) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
    // Nine standard deviations.
    expect(Math.abs(ones - 1_000), `bit ${bit}`).toBeLessThan(200);
  }
});

test('whoever asks again is shown another secret of 160 bits', async () => {
  const gatehouse = startStill();
  const { password, accessToken: token } = await loggedIn(gatehouse);
  const asked = async () =>
    (await gatehouse.post('/factors/totp', { proof: { password } }, { token })).body.data.secret;
  const secrets = [await asked(), await asked(), await asked()];
  expect(new Set(secrets).size).toBe(3);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
});

test('a recovery code has 80 bits: 16 characters, each of 32 equally often, and no two codes or sets are alike', () => {
  const sets = Array.from({ length: 400 }, (_, index) =>
    shownCodes([key], { userId: 'ada', setId: `set ${index}` }),
  );
  const codes = sets.flat().map((code) => code.replaceAll('-', ''));
  expect(codes).toHaveLength(4_000);
  expect(new Set(codes).size).toBe(codes.length);
  for (let place = 0; place < 16; place++) {
    const characters = codes.map((code) => code[place] ?? '');
    // 125 are expected.
    for (const character of 'abcdefghijklmnopqrstuvwxyz234567')
      expect(Math.abs(countOf(characters, character) - 125), `${character} at ${place}`).toBeLessThan(65);
  }
});

test.each(['verify-email', 'change-email', 'enrol'] as const)(
  'a code of %s is one of a million: six digits, with leading zeros, each equally often',
  (purpose) => {
    const codes = Array.from({ length: 20_000 }, (_, index) =>
      deriveCode(key, purpose, 'ada', `mail ${index}`),
    );
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
    for (let place = 0; place < 6; place++) {
      const digits = codes.map((code) => code[place] ?? '');
      for (const digit of '0123456789')
        expect(Math.abs(countOf(digits, digit) - 2_000), `${digit} at ${place}`).toBeLessThan(300);
    }
    expect(new Set(codes).size).toBeGreaterThan(19_500);
  },
);

test('a code is text: not a number, which has lost its zeros, and nothing shorter or longer', async () => {
  const gatehouse = startStill();
  const { id, mail } = await signUp(gatehouse, person());
  const code = codeIn(mail);
  for (const other of [code.slice(1), Number(code), `${code}0`])
    expect((await gatehouse.post('/verify-email', { id, code: other })).status).toBe(422);
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(200);
});

test('only the clock of the service counts: what a client says of the time changes nothing', async () => {
  const gatehouse = startStill();
  const ada = await guarded(gatehouse);
  const ahead = 10;
  const then = new Date(gatehouse.clock.now().getTime() + ahead * 30_000);
  const code = codeAt(ada.secret, stepOf(gatehouse) + ahead);
  const answer = async (more: object, headers: Record<string, string>) =>
    gatehouse.post('/login/mfa', { ticket: await ticketFor(gatehouse, ada), code, ...more }, { headers });
  const told = { Date: then.toUTCString(), 'X-Client-Time': then.toISOString() };
  expect(await answer({}, told)).toMatchObject({ status: 403, body: { code: 'wrong_second_factor' } });
  for (const field of ['time', 'timestamp', 'now'])
    expect((await answer({ [field]: then.toISOString() }, {})).status).toBe(422);
  gatehouse.clock.travel(ahead * 30);
  expect((await answer({}, { Date: new Date(0).toUTCString() })).status).toBe(200);
});
