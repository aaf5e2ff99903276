/** What is sealed opens for its owner and its purpose, and nowhere else. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type KeyRing, parseKeyRing } from '../../src/lib/key-ring.ts';
import { open, seal } from '../../src/lib/sealed.ts';

const ring = (...ids: string[]): KeyRing =>
  parseKeyRing(ids.map((id) => `${id}:${randomBytes(32).toString('base64url')}`).join(','));
const secret = new Uint8Array(randomBytes(20));
const binding = { purpose: 'totp', owner: randomUUID() };

test('it opens with the key that sealed it, also when a newer one is in front', async () => {
  const before = ring('k1');
  const sealed = await seal(before, secret, binding);
  const [newer] = ring('k2');
  expect(await open([newer, ...before], sealed, binding)).toEqual(secret);
  expect(sealed.keyId).toBe('k1');
  expect(Buffer.from(sealed.bytes).includes(Buffer.from(secret))).toBe(false);
});

test('it does not open for another owner, purpose or key, nor with one bit changed', async () => {
  const keys = ring('k1');
  const sealed = await seal(keys, secret, binding);
  expect(await open(keys, sealed, { ...binding, owner: randomUUID() })).toBeUndefined();
  expect(await open(keys, sealed, { ...binding, purpose: 'other' })).toBeUndefined();
  expect(await open(ring('k1'), sealed, binding)).toBeUndefined();
  expect(await open(ring('k2'), sealed, binding)).toBeUndefined();
  for (const at of sealed.bytes.keys()) {
    const bytes = sealed.bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(await open(keys, { ...sealed, bytes }, binding)).toBeUndefined();
  }
  expect(await open(keys, { ...sealed, bytes: new Uint8Array(3) }, binding)).toBeUndefined();
});

test('the same secret sealed twice does not look the same', async () => {
  const keys = ring('k1');
  const [one, two] = [await seal(keys, secret, binding), await seal(keys, secret, binding)];
  expect(one.bytes).not.toEqual(two.bytes);
});
