import { expect, test } from 'vitest';
import { parseKeyRing } from '../../src/lib/key-ring.ts';
import { createPasswordHasher, nativeScrypt, portableScrypt } from '../../src/lib/password-hash.ts';

const randomRing = (id: string) =>
  parseKeyRing(`${id}:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`);
const ring = randomRing('p1');
const ADDRESS = 'ada@example.com';

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
  ({ password, salt, hex, ...parameters }) => {
    for (const scrypt of [nativeScrypt, portableScrypt]) {
      expect(Buffer.from(scrypt(password, Buffer.from(salt), parameters)).toString('hex')).toBe(hex);
    }
  },
);

test('a record made by one implementation is matched by the other', () => {
  const record = createPasswordHasher(ring, portableScrypt).hash('plum kettle', ADDRESS);
  expect(createPasswordHasher(ring, nativeScrypt).match('plum kettle', [record])).toBe(0);
});

test('a record is a PHC string with the parameters, the pepper id and a salt of its address', () => {
  const hasher = createPasswordHasher(ring, nativeScrypt);
  const record = hasher.hash('plum kettle', ADDRESS);
  expect(record).toMatch(/^\$scrypt\$ln=14,r=8,p=5,keyid=p1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(hasher.isCurrent(record, ADDRESS)).toBe(true);
  expect(hasher.isCurrent(record, 'eve@example.com')).toBe(false);
  expect(createPasswordHasher(randomRing('p2'), nativeScrypt).isCurrent(record, ADDRESS)).toBe(false);
});

test('the salt cannot be known without the pepper', () => {
  const salts = [ring, randomRing('p1')].map(
    (peppers) => createPasswordHasher(peppers, nativeScrypt).hash('plum kettle', ADDRESS).split('$')[3],
  );
  expect(salts[0]).not.toBe(salts[1]);
});

test('nothing fits an empty list or a record of another pepper under the same id', () => {
  const hasher = createPasswordHasher(ring, nativeScrypt);
  expect(hasher.match('plum kettle', [])).toBe(-1);
  expect(
    createPasswordHasher(randomRing('p1'), nativeScrypt).match('plum kettle', [
      hasher.hash('plum kettle', ADDRESS),
    ]),
  ).toBe(-1);
});

test('one scrypt judges none, one or many records of one address', () => {
  let calls = 0;
  const hasher = createPasswordHasher(ring, (...args) => {
    calls += 1;
    return nativeScrypt(...args);
  });
  const records = ['one', 'two', 'three'].map((password) => hasher.hash(password, ADDRESS));
  calls = 0;
  expect(hasher.match('three', records)).toBe(2);
  expect(hasher.match('two', records.slice(0, 2))).toBe(1);
  expect(hasher.match('four', records)).toBe(-1);
  expect(hasher.match('four', [])).toBe(-1);
  expect(calls).toBe(4);
});
