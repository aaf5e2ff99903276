/** Hashes of other systems, wrapped as the import does it, and compared in workerd. */
import { expect, test } from 'vitest';
import { firebaseHash, readHash } from '../../cli/import/hash-text.ts';
import { foreignDigest } from '../../src/lib/foreign-digest.ts';
import { parseImportFormats } from '../../src/lib/import-formats.ts';
import { type ForeignHash, fitsImported, isReadable, wrapHash } from '../../src/lib/imported-record.ts';
import { type KeyRing, parseKeyRing } from '../../src/lib/key-ring.ts';
import type { Scrypt, ScryptCost } from '../../src/lib/scrypt.ts';
import { FIREBASE, SAMPLES } from '../support/foreign-hashes.ts';

const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
const ring = (...ids: string[]) => parseKeyRing(ids.map((id) => `${id}:${random()}`).join());
const importPeppers = ring('i1');
const ADDRESS = 'ada@example.com';

/** Stands in for our scrypt, whose price does not matter here, and counts. */
function cheapScrypt() {
  const costs: ScryptCost[] = [];
  const scrypt: Scrypt = (password, salt, cost) => {
    costs.push(cost);
    return new TextEncoder().encode(`${password} and ${salt.length} bytes`);
  };
  return { scrypt, costs };
}

const { scrypt } = cheapScrypt();
const wrap = async (hash: ForeignHash | undefined, address = ADDRESS, peppers: KeyRing = importPeppers) => {
  if (hash === undefined) throw new Error('no hash');
  return wrapHash(hash, address, peppers[0], scrypt);
};

function fits(
  formats: string,
  password: string,
  record: string | undefined,
  address = ADDRESS,
  run = scrypt,
) {
  const settings = { importFormats: parseImportFormats(formats), importPeppers };
  const loadDigest = async () => foreignDigest;
  return fitsImported(settings, { scrypt: run, loadDigest }, { password, address, record });
}

test.each(SAMPLES)('$format of $from: the old password fits, another one does not', async (sample) => {
  const record = await wrap(readHash(sample.hash));
  expect(record).not.toContain(sample.hash.slice(-20));
  expect(await fits(sample.format, sample.password, record)).toBe(true);
  expect(await fits(sample.format, `${sample.password} `, record)).toBe(false);
});

test('the example of Firebase fits, without the signer key of the project', async () => {
  const record = await wrap(firebaseHash(FIREBASE.keys, FIREBASE.salt, FIREBASE.hash));
  expect(await fits('firebase-scrypt:ln=14,r=8', FIREBASE.password, record)).toBe(true);
  const other = firebaseHash(
    { ...FIREBASE.keys, signerKey: FIREBASE.keys.signerKey.replace('jx', 'xj') },
    FIREBASE.salt,
    FIREBASE.hash,
  );
  expect(await fits('firebase-scrypt:ln=14,r=8', FIREBASE.password, await wrap(other))).toBe(false);
});

test('each listed format runs once at its cost, and our scrypt once if one is fast, whatever the record is', async () => {
  const listed = 'bcrypt:4,argon2id:m=32,t=2,p=4,pbkdf2-sha256:6400';
  const settings = { importFormats: parseImportFormats(listed), importPeppers };
  const samples = SAMPLES.filter(({ format }) => listed.includes(format));
  const wrapped = await Promise.all(samples.map(({ hash }) => wrap(readHash(hash))));
  const records = [...wrapped, undefined, '$imported$broken', 'x'];
  expect(records.length).toBe(5);
  for (const record of records) {
    const { scrypt: counted, costs } = cheapScrypt();
    const ran: string[] = [];
    const loadDigest =
      async () =>
      (...[format, ...rest]: Parameters<typeof foreignDigest>) => {
        ran.push(format.text);
        return foreignDigest(format, ...rest);
      };
    await fitsImported(
      settings,
      { scrypt: counted, loadDigest },
      { password: 'x', address: ADDRESS, record },
    );
    expect([ran, costs]).toEqual([
      settings.importFormats.map(({ text }) => text),
      [{ N: 2 ** 14, r: 8, p: 5 }],
    ]);
  }
  const none = { importFormats: [], importPeppers };
  const loadDigest = () => Promise.reject(new Error('loaded for nothing'));
  const record = records[0];
  expect(
    await fitsImported(none, { scrypt, loadDigest }, { password: 'test', address: ADDRESS, record }),
  ).toBe(false);
});

test('a record is bound to its address, its pepper and its cost', async () => {
  const [{ hash = '', password = '', format = '' } = {}] = SAMPLES;
  const record = await wrap(readHash(hash));
  expect(record).toMatch(/^\$imported\$bcrypt:5,l=23,keyid=i1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await fits(format, password, record, 'eve@example.com')).toBe(false);
  expect(await fits('bcrypt:6', password, record)).toBe(false);
  expect(await fits(format, password, await wrap(readHash(hash), ADDRESS, ring('i1')))).toBe(false);
  expect(await fits(format, password, await wrap(readHash(hash), ADDRESS, ring('gone')))).toBe(false);
  const readable = (formats: string, one: string) =>
    isReadable({ importFormats: parseImportFormats(formats), importPeppers }, one);
  expect([
    readable(format, record),
    readable('bcrypt:6', record),
    readable('', record),
    readable(format, await wrap(readHash(hash), ADDRESS, ring('gone'))),
    readable(format, hash),
  ]).toEqual([true, false, false, false, false]);
});

test.each([
  ['$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'the bug of 2011'],
  ['$2b$05$CCCCCCCCCCCCCCCCCCCCC.', 'cut off'],
  ['$argon2d$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw', 'argon2d'],
  ['$argon2id$v=16$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw', 'an old argon2'],
  ['$pbkdf2-sha256$i=1000$c2FsdA$YQ', 'a digest of one byte'],
  [
    '$scrypt$ln=16385,r=8,p=1$2npRo7P03Mt8keSoMbyD$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE=',
    'no power of 2',
  ],
  ['5f4dcc3b5aa765d61d8327deb882cf99', 'MD5'],
  ['', 'nothing'],
])('%s is no hash that can be brought along: %s', (hash) => {
  expect(readHash(hash)).toBeUndefined();
});

test.each([
  ['bcrypt:10,argon2id:m=19456,t=2,p=1, pbkdf2-sha256:27500', undefined],
  ['bcrypt:10,bcrypt:12', undefined],
  ['bcrypt:10,bcrypt:10', 'has one format twice'],
  ['pbkdf2-sha256:1000,pbkdf2-sha512:1000', 'has more than one PBKDF2 format'],
  [
    'pbkdf2-sha512:210000',
    'has pbkdf2-sha512:210000, which is refused by the platform: PBKDF2 has more than 100000 iterations',
  ],
  ['scrypt:ln=17,r=8,p=1', 'has scrypt:ln=17,r=8,p=1, which takes more than 32 MiB'],
  ['scrypt:ln=14,r=8,p=9', 'has scrypt:ln=14,r=8,p=9, which is refused by the platform: N*r*p is over 2^20'],
  ['argon2id:m=65536,t=3,p=4', 'has argon2id:m=65536,t=3,p=4, which takes more than 32 MiB'],
  ['argon2id:m=32768,t=9,p=1', /more than a second of CPU/],
  ['bcrypt:14', /more than a second of CPU/],
  ['bcrypt:010', 'has a bcrypt that is not of the form bcrypt:N'],
  ['scrypt:r=8,ln=14,p=1', 'has a scrypt that is not of the form scrypt:ln=N,r=N,p=N'],
  ['md5:1', /has a format that is none of bcrypt, scrypt/],
  ['bcrypt:4,bcrypt:5,bcrypt:6,bcrypt:7,bcrypt:8', /has more than 4 formats/],
])('IMPORT_FORMATS=%s: %s', (text, fault) => {
  if (fault === undefined) expect(() => parseImportFormats(text)).not.toThrow();
  else expect(() => parseImportFormats(text)).toThrow(fault);
});
