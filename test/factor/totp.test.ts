/** Codes of authenticator apps: the vectors of RFC 6238, and what a phone is shown. */
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { shownSecret, stepOf } from '../../src/factor/totp.ts';
import { codeAt } from '../support/totp-app.ts';

/** Appendix B, for SHA-1, of which an app shows the last six digits. */
const VECTORS: [seconds: number, totp: string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];
const secret = new Uint8Array(Buffer.from('12345678901234567890'));

test.each(VECTORS)('at %i seconds the code is %s', async (seconds, totp) => {
  const [code, now] = [totp.slice(2), new Date(seconds * 1_000)];
  const step = Math.floor(seconds / 30);
  expect(await stepOf(secret, code, now)).toBe(step);
  expect(await stepOf(secret, code, new Date((seconds + 30) * 1_000))).toBe(step);
  expect(await stepOf(secret, code, new Date((seconds - 30) * 1_000))).toBe(step);
  expect(await stepOf(secret, code, new Date((seconds + 60) * 1_000))).toBeUndefined();
  expect(await stepOf(secret, code, new Date((seconds - 60) * 1_000))).toBeUndefined();
});

test('the app of the tests and the service agree on the text of a secret', async () => {
  const shown = await shownSecret(secret, { issuer: 'Acme & Söhne', label: 'ada+tag@example.com' });
  expect(shown.secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  for (const [seconds, totp] of VECTORS)
    expect(codeAt(shown.secret, Math.floor(seconds / 30))).toBe(totp.slice(2));
});

test('a phone is shown who it is for, six digits of SHA-1 and 30 seconds', async () => {
  const {
    uri,
    qr,
    secret: text,
  } = await shownSecret(secret, {
    issuer: 'Acme & Söhne',
    label: 'ada+tag@example.com',
  });
  const url = new URL(uri);
  expect(decodeURIComponent(url.pathname)).toContain('Acme & Söhne:ada+tag@example.com');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    issuer: 'Acme & Söhne',
    secret: text,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
  expect(qr).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>.*<\/svg>$/s);
  expect(qr).not.toMatch(/<script|href=|<image/);
});
