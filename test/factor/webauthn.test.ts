import { expect, test } from 'vitest';
import { endOfItem } from '../../src/factor/cbor.ts';
import { assertionField, attestationField } from '../../src/factor/passkey-fields.ts';
import { judgeAssertion, judgeAttestation, type NewPasskey } from '../../src/factor/webauthn.ts';
import { type Asked, type Bent, newAuthenticator } from '../support/authenticator.ts';

const ORIGIN = 'https://app.example.com';
const party = { rpId: 'example.com', origins: [ORIGIN] };
const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)));
const asking = (): Asked => ({
  challenge: random(32).toString('base64url'),
  rpId: party.rpId,
  user: { id: random(64).toString('base64url') },
});

async function registered(bent: Bent = {}, { synced = true } = {}) {
  const device = await newAuthenticator({ origin: ORIGIN, synced });
  const asked = asking();
  const made = await judgeAttestation(party, asked.challenge, await device.create(asked, bent));
  const userHandle = Buffer.from(asked.user?.id ?? '', 'base64url');
  return { device, made, known: { ...(made as NewPasskey), userHandle } };
}

/** CBOR: arrays in arrays. */
const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x81), Buffer.from([0x00])]);
const asExtension = (cbor: Uint8Array) => Buffer.concat([Buffer.from('a16178', 'hex'), cbor]);

test('a passkey is registered and used', async () => {
  const { device, made, known } = await registered();
  expect(made).toMatchObject({ counter: 0, isBackupEligible: true, isBackedUp: true });
  expect(Buffer.from(known.credentialId).toString('base64url')).toBe(device.id);
  const asked = asking();
  const used = await judgeAssertion(party, asked.challenge, await device.get(asked), known);
  expect(used).toEqual({ counter: 0, isBackedUp: true });
});

test('extensions of authenticators are read over, as those of security keys', async () => {
  const protect = Buffer.from('a16b6372656450726f7465637402', 'hex');
  const { device, known } = await registered({ extension: protect }, { synced: false });
  const asked = asking();
  const used = await judgeAssertion(
    party,
    asked.challenge,
    await device.get(asked, { extension: protect }),
    known,
  );
  expect(used).toEqual({ counter: 2, isBackedUp: false });
});

const BENT: [string, Bent, string][] = [
  ['another challenge', { challenge: random(32).toString('base64url') }, 'wrong_challenge'],
  ['another origin', { origin: 'https://app.example.com.evil.test' }, 'wrong_origin'],
  ['the origin over plain HTTP', { origin: 'http://app.example.com' }, 'wrong_origin'],
  ['a page inside of another one', { crossOrigin: true }, 'wrong_origin'],
  ['another RP ID', { rpId: 'evil.test' }, 'wrong_passkey'],
  ['no user verification', { flags: { verified: false } }, 'wrong_passkey'],
  ['nobody present', { flags: { present: false } }, 'wrong_passkey'],
  ['backed up, but not eligible', { flags: { backupEligible: false } }, 'wrong_passkey'],
  ['deep CBOR', { extension: asExtension(nested(1_000)) }, 'wrong_passkey'],
  ['CBOR of indefinite length', { extension: Buffer.from('bf6178f5ff', 'hex') }, 'wrong_passkey'],
  [
    'a map that claims four billion entries',
    { extension: Buffer.from('baffffffff', 'hex') },
    'wrong_passkey',
  ],
  ['bytes after the end', { extension: Buffer.from('a000', 'hex') }, 'wrong_passkey'],
];

test.each(BENT)('a registration with %s is refused', async (_, bent, fault) => {
  expect((await registered(bent)).made).toBe(fault);
});

test.each(BENT)('a use with %s is refused', async (_, bent, fault) => {
  const { device, known } = await registered();
  const asked = asking();
  expect(await judgeAssertion(party, asked.challenge, await device.get(asked, bent), known)).toBe(fault);
});

test('a registration is no use, and a use no registration', async () => {
  expect((await registered({ type: 'webauthn.get' })).made).toBe('wrong_passkey');
  const { device, known } = await registered();
  const asked = asking();
  const bent = await device.get(asked, { type: 'webauthn.create' });
  expect(await judgeAssertion(party, asked.challenge, bent, known)).toBe('wrong_passkey');
});

test('a use is refused for the passkey of somebody else, another handle, or nobody', async () => {
  const [{ device, known }, other] = await Promise.all([registered(), registered()]);
  const asked = asking();
  const used = await device.get(asked);
  const judge = (passkey: typeof known | undefined) => judgeAssertion(party, asked.challenge, used, passkey);
  expect(await judge({ ...known, publicKey: other.known.publicKey })).toBe('wrong_passkey');
  expect(await judge({ ...known, userHandle: other.known.userHandle })).toBe('wrong_passkey');
  expect(await judge({ ...known, isBackupEligible: false })).toBe('wrong_passkey');
  expect(await judge(undefined)).toBe('wrong_passkey');
  expect(await judge(known)).toEqual({ counter: 0, isBackedUp: true });
});

test.each([
  ['packed', 'a263616c672663736967420000'],
  ['fido-u2f', 'a0'],
  ['tpm', 'a0'],
  ['android-safetynet', 'a0'],
  ['none', 'a16161f5'],
  ['nothing-known', 'a0'],
])('the attestation %s with the statement %s is refused', async (format, statement) => {
  const attestation = { format, statement: Buffer.from(statement, 'hex') };
  expect((await registered({ attestation })).made).toBe('wrong_passkey');
});

test('a key of another algorithm, or that is no key, is refused', async () => {
  // ES512, and a text.
  for (const hex of ['a401020338232003215842', '6161', ''])
    expect((await registered({ publicKey: Buffer.from(hex, 'hex') })).made).toBe('wrong_passkey');
});

test('what the client says of its id must be what the authenticator says', async () => {
  const { made } = await registered({ credentialId: random(32).toString('base64url') });
  expect(made).toBe('wrong_passkey');
});

test('CBOR is measured without recursion, whatever it claims', () => {
  const end = (hex: string) => endOfItem(Buffer.from(hex, 'hex'), 0);
  expect([
    end('a0'),
    end('83010203'),
    end('a2616101616281f6'),
    end('590003010203'),
    end('fa47c35000'),
  ]).toEqual([1, 4, 8, 6, 5]);
  // Cut off, tagged, of indefinite length, with a length of eight bytes, or only a break.
  for (const hex of [
    '',
    '81',
    'a161',
    '5903',
    '43ff',
    'c000',
    '9f01ff',
    '5f41ff',
    '5b0000000000000001ff',
    'ff',
  ])
    expect(end(hex), hex).toBeUndefined();
  expect(endOfItem(nested(4), 0)).toBe(5);
  expect(endOfItem(nested(5), 0)).toBeUndefined();
  expect(endOfItem(Buffer.concat([nested(1_000_000)]), 0)).toBeUndefined();
});

test('what is long is refused before it is decoded', async () => {
  const device = await newAuthenticator({ origin: ORIGIN });
  const asked = asking();
  const [attestation, assertion] = [await device.create(asked), await device.get(asked)];
  expect(attestationField.safeParse(attestation).success).toBe(true);
  expect(assertionField.safeParse(assertion).success).toBe(true);
  const megabyte = 'A'.repeat(1_048_576);
  for (const part of ['clientDataJSON', 'attestationObject']) {
    const response = { ...attestation.response, [part]: megabyte };
    expect(attestationField.safeParse({ ...attestation, response }).success, part).toBe(false);
  }
  for (const part of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
    for (const value of [megabyte, 'not base64url!', 'QR', '']) {
      const response = { ...assertion.response, [part]: value };
      expect(assertionField.safeParse({ ...assertion, response }).success, part).toBe(false);
    }
  }
});
