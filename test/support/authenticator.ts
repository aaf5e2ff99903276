/**
 * An authenticator in software: makes ES256 passkeys and signs with them, as a browser would pass it on. Every part of
 * an answer can be another one than it should be, and `extension` is raw CBOR that is appended.
 */
import type { Assertion, Attestation } from '../../src/factor/passkey-fields.ts';

type Flags = { present: boolean; verified: boolean; backupEligible: boolean; backedUp: boolean };

export type Bent = Partial<{
  type: string;
  challenge: string;
  origin: string;
  crossOrigin: boolean;
  rpId: string;
  flags: Partial<Flags>;
  counter: number;
  userHandle: string;
  extension: Uint8Array;
  /** In place of `none` and its empty statement. */
  attestation: { format: string; statement: Uint8Array };
  /** In place of the COSE key. */
  publicKey: Uint8Array;
  credentialId: string;
}>;

/** What the options of the API say, as far as it matters here. */
export type Asked = { challenge: string; rpId?: string; rp?: { id: string }; user?: { id: string } };

/** A device with one passkey. A `synced` one has no counter and is backed up. */
export async function newAuthenticator({ origin = 'http://localhost:8787', synced = true } = {}) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const id = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const usual: Flags = { present: true, verified: true, backupEligible: synced, backedUp: synced };
  let counter = 0;
  let handle = '';

  const clientData = (type: string, asked: Asked, bent: Bent) =>
    Buffer.from(
      JSON.stringify({
        type: bent.type ?? type,
        challenge: bent.challenge ?? asked.challenge,
        origin: bent.origin ?? origin,
        crossOrigin: bent.crossOrigin ?? false,
      }),
    );
  const head = async (asked: Asked, bent: Bent, hasCredential: boolean) => {
    const flags = { ...usual, ...bent.flags };
    const rpId = bent.rpId ?? asked.rpId ?? asked.rp?.id ?? '';
    const bits =
      Number(flags.present) |
      (Number(flags.verified) << 2) |
      (Number(flags.backupEligible) << 3) |
      (Number(flags.backedUp) << 4) |
      (Number(hasCredential) << 6) |
      (Number(bent.extension !== undefined) << 7);
    counter = synced ? 0 : counter + 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(bent.counter ?? counter);
    return Buffer.concat([await sha256(Buffer.from(rpId)), Buffer.from([bits]), count]);
  };
  const extension = ({ extension: cbor = new Uint8Array() }: Bent) => cbor;

  return {
    id,
    /** Answers options of a registration. */
    async create(asked: Asked, bent: Bent = {}): Promise<Attestation> {
      handle = asked.user?.id ?? '';
      const jwk = (await crypto.subtle.exportKey('jwk', keys.publicKey)) as JsonWebKey;
      const credentialId = Buffer.from(bent.credentialId ?? id, 'base64url');
      const data = Buffer.concat([
        await head(asked, bent, true),
        Buffer.alloc(16),
        Buffer.from([credentialId.length >> 8, credentialId.length & 0xff]),
        credentialId,
        bent.publicKey ?? coseKey(jwk),
        extension(bent),
      ]);
      const { format, statement } = bent.attestation ?? { format: 'none', statement: Buffer.from([0xa0]) };
      const object = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText(format),
        cborText('attStmt'),
        statement,
        cborText('authData'),
        Buffer.from([0x59, data.length >> 8, data.length & 0xff]),
        data,
      ]);
      const response = {
        clientDataJSON: base64url(clientData('webauthn.create', asked, bent)),
        attestationObject: base64url(object),
        transports: ['internal'],
      };
      return { id, rawId: id, type: 'public-key', response };
    },
    /** Answers options of a login. */
    async get(asked: Asked, bent: Bent = {}): Promise<Assertion> {
      const data = Buffer.concat([await head(asked, bent, false), extension(bent)]);
      const client = clientData('webauthn.get', asked, bent);
      const signed = Buffer.concat([data, await sha256(client)]);
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, signed);
      const credentialId = bent.credentialId ?? id;
      const response = {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(derSignature(Buffer.from(signature))),
        userHandle: bent.userHandle ?? handle,
      };
      return { id: credentialId, rawId: credentialId, type: 'public-key', response };
    },
  };
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = async (bytes: Uint8Array) => Buffer.from(await crypto.subtle.digest('SHA-256', bytes));
const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** COSE_Key of ES256 (RFC 9053 section 7.1.1). */
const coseKey = ({ x = '', y = '' }: JsonWebKey) =>
  Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);

/** Two integers in a sequence: WebAuthn wants DER, and WebCrypto gives both one after the other. */
function derSignature(raw: Buffer): Buffer {
  const parts = [raw.subarray(0, 32), raw.subarray(32)].map((part) => {
    const value = part.subarray(
      Math.max(
        0,
        part.findIndex((byte) => byte !== 0),
      ),
    );
    const positive = (value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), value]) : value;
    return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
