import { expect, test } from 'vitest';
import { nativeScrypt, parseScryptCosts, portableScrypt } from '../../src/lib/scrypt.ts';

/** RFC 7914 section 12, of which ours is the first half: PBKDF2-HMAC-SHA-256 makes its output 32 bytes at a time. */
const VECTORS = [
  {
    password: 'password',
    salt: 'NaCl',
    N: 1_024,
    r: 8,
    p: 16,
    hex: 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
  },
  {
    password: 'pleaseletmein',
    salt: 'SodiumChloride',
    N: 16_384,
    r: 8,
    p: 1,
    hex: '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
  },
];

test.each(VECTORS)(
  'both implementations of scrypt give the RFC 7914 vector for $password',
  ({ password, salt, hex, ...cost }) => {
    for (const scrypt of [nativeScrypt, portableScrypt]) {
      expect(Buffer.from(scrypt(password, Buffer.from(salt), cost)).toString('hex')).toBe(hex);
    }
  },
);

test('costs are read newest first', () => {
  expect(parseScryptCosts('ln=15,r=8,p=3; ln=14,r=8,p=5')).toEqual([
    { N: 32_768, r: 8, p: 3 },
    { N: 16_384, r: 8, p: 5 },
  ]);
});

test('the dearest costs that are accepted run here', () => {
  for (const text of ['ln=15,r=8,p=4', 'ln=12,r=64,p=4', 'ln=15,r=1,p=32']) {
    const [cost] = parseScryptCosts(text);
    expect(nativeScrypt('password', Buffer.from('salt'), cost)).toHaveLength(32);
  }
});

test.each([
  ['ln=17,r=8,p=1', '32 MiB'],
  ['ln=14,r=8,p=9', '2^20'],
  ['ln=16,r=1,p=1', 'no scrypt'],
  ['ln=14,r=8,p=5;ln=15,r=8,p=5', '2^20'],
  ['ln=14,r=8,p=5;ln=14,r=8,p=5', 'twice'],
  ['ln=0,r=8,p=5', 'is not a list'],
  ['ln=14,r=8,p=0', 'is not a list'],
  ['ln=14,r=8,p=5;', 'is not a list'],
  ['14', 'is not a list'],
])('a cost that cannot run or is malformed is refused: %s', (text, fault) => {
  expect(() => parseScryptCosts(text)).toThrow(fault);
});
