import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isCanonical } from '../../src/lib/jws.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('bytes have one spelling, whatever their number is', () => {
  for (let length = 0; length < 64; length++)
    expect(isCanonical(randomBytes(length).toString('base64url')), `${length} bytes`).toBe(true);
});

test('of all last characters only the one that decodes to itself is taken', () => {
  for (const start of ['', 'A', 'AB', 'ABC', 'ABCD', 'ABCDE', 'ABCDEF'])
    for (const last of ALPHABET) {
      const part = start + last;
      const spelt = Buffer.from(part, 'base64url').toString('base64url');
      expect(isCanonical(part), part).toBe(spelt === part);
    }
});

test.each(['QQ==', 'QUI=', 'QU I', 'QUI\n', 'QUJD\n', 'QU+D', 'QU/D', 'QUJD.QQ=.QUJD', 'QUJD.QUJE.QR', 'é'])(
  '%j is not taken',
  (token) => {
    expect(isCanonical(token)).toBe(false);
  },
);
