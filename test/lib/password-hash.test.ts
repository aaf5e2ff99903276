import { expect, test } from 'vitest';
import { foreignDigest } from '../../src/lib/foreign-digest.ts';
import { parseKeyRing, parseSecret } from '../../src/lib/key-ring.ts';
import { createPasswordHasher, type PasswordSettings } from '../../src/lib/password-hash.ts';
import { nativeScrypt, parseScryptCosts, portableScrypt } from '../../src/lib/scrypt.ts';

const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
const ring = (...ids: string[]) => parseKeyRing(ids.map((id) => `${id}:${random()}`).join());
const SETTINGS: PasswordSettings = {
  passwordPeppers: ring('p1'),
  passwordSaltSecret: parseSecret(random()),
  passwordScryptCosts: parseScryptCosts('ln=4,r=8,p=1'),
  importFormats: [],
  importPeppers: undefined,
};
const hasherOf = (settings: Partial<PasswordSettings> = {}, scrypt = nativeScrypt) =>
  createPasswordHasher({ ...SETTINGS, ...settings }, scrypt, async () => foreignDigest);
const ADDRESS = 'ada@example.com';

test('a record made by one implementation is matched by the other', async () => {
  const record = hasherOf({}, portableScrypt).hash('plum kettle', ADDRESS);
  expect(await hasherOf().match('plum kettle', ADDRESS, [record])).toMatchObject({
    index: 0,
    rehashed: null,
    unreadable: undefined,
  });
});

test('a record is a PHC string with the cost, the pepper id and a salt of its address', () => {
  const record = hasherOf().hash('plum kettle', ADDRESS);
  expect(record).toMatch(/^\$scrypt\$ln=4,r=8,p=1,keyid=p1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(saltOf(hasherOf().hash('another one', ADDRESS))).toBe(saltOf(record));
  expect(saltOf(hasherOf().hash('plum kettle', 'eve@example.com'))).not.toBe(saltOf(record));
});

test('the salt cannot be known without its secret, and a new pepper or cost leaves it as it is', () => {
  const salt = saltOf(hasherOf().hash('plum kettle', ADDRESS));
  const changed = hasherOf({
    passwordPeppers: ring('p2'),
    passwordScryptCosts: parseScryptCosts('ln=5,r=8,p=1'),
  });
  expect(saltOf(changed.hash('plum kettle', ADDRESS))).toBe(salt);
  const other = hasherOf({ passwordSaltSecret: parseSecret(random()) });
  expect(saltOf(other.hash('plum kettle', ADDRESS))).not.toBe(salt);
});

test('nothing fits an empty list, or a record of another pepper under the same id', async () => {
  expect((await hasherOf().match('plum kettle', ADDRESS, [])).index).toBe(-1);
  const record = hasherOf({ passwordPeppers: ring('p1') }).hash('plum kettle', ADDRESS);
  expect((await hasherOf().match('plum kettle', ADDRESS, [record])).index).toBe(-1);
});

test('a record of a pepper, a cost or a salt that is not configured fits nothing and is named', async () => {
  const strange: Partial<PasswordSettings>[] = [
    { passwordPeppers: ring('gone') },
    { passwordScryptCosts: parseScryptCosts('ln=5,r=8,p=1') },
    { passwordSaltSecret: parseSecret(random()) },
  ];
  const named = strange.map((settings) => {
    const record = hasherOf(settings).hash('plum kettle', ADDRESS);
    return hasherOf().match('plum kettle', ADDRESS, [hasherOf().hash('plum kettle', ADDRESS), record]);
  });
  expect(await Promise.all(named)).toMatchObject([
    { index: 0, rehashed: null, unreadable: 'ln=4,r=8,p=1,keyid=gone' },
    { index: 0, rehashed: null, unreadable: 'ln=5,r=8,p=1,keyid=p1' },
    { index: 0, rehashed: null, unreadable: 'ln=4,r=8,p=1,keyid=p1' },
  ]);
});

test('one scrypt for each cost judges none, one or many records, whatever pepper and cost each was made with', async () => {
  const passwordPeppers = ring('new', 'old');
  const [newest, oldest] = passwordPeppers;
  const costs = parseScryptCosts('ln=5,r=8,p=1;ln=4,r=8,p=1');
  const calls: number[] = [];
  const hasher = hasherOf({ passwordPeppers, passwordScryptCosts: costs }, (password, salt, cost) => {
    calls.push(cost.N);
    return nativeScrypt(password, salt, cost);
  });
  const before = hasherOf({ passwordPeppers: [oldest ?? newest] });
  const records = [before.hash('one', ADDRESS), hasher.hash('two', ADDRESS), before.hash('three', ADDRESS)];
  for (const [password, among, index] of [
    ['three', records, 2],
    ['two', records, 1],
    ['four', records, -1],
    ['one', records.slice(0, 1), 0],
    ['one', [], -1],
  ] as const) {
    calls.length = 0;
    const match = await hasher.match(password, ADDRESS, among);
    expect([match.index, calls]).toEqual([index, [32, 16]]);
    // What an older pepper or cost made is made anew, for no further scrypt.
    expect(match.rehashed === null).toBe(index === -1 || index === 1);
    if (match.rehashed) expect((await hasher.match(password, ADDRESS, [match.rehashed])).rehashed).toBeNull();
  }
});

const saltOf = (record: string) => record.split('$')[3];
