/**
 * Takes the place of `@peculiar/*` and `reflect-metadata` in the bundle (`alias` in wrangler.toml), of which 61 KiB
 * gzipped are left out (docs/decisions/0020). They read certificates of authenticators, and we accept no attestation
 * that has any (src/factor/webauthn.ts). What is left is the signature of an ES256 key.
 *
 * Each name is one that @simplewebauthn/server imports. When a new version needs another one, the build fails.
 */
export const ECDSASigValue = Symbol('ECDSA-Sig-Value');

export const AsnParser = {
  /** Reads an ECDSA-Sig-Value (RFC 3279 section 2.2.3). A wrong reading makes a wrong signature, never a right one. */
  parse(der: Uint8Array, schema: unknown): { r: Uint8Array; s: Uint8Array } {
    if (schema !== ECDSASigValue) throw new Error('certificates of authenticators are not read');
    const r = integerAt(der, 2);
    const s = integerAt(der, r.end);
    if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || s.end !== der.length) throw notDer();
    return { r: r.value, s: s.value };
  },
};

const SEQUENCE = 0x30;
const INTEGER = 0x02;

function integerAt(der: Uint8Array, start: number): { value: Uint8Array; end: number } {
  const [tag, length = 0] = der.subarray(start, start + 2);
  const end = start + 2 + length;
  if (tag !== INTEGER || length === 0 || length > 0x7f || end > der.length) throw notDer();
  return { value: der.subarray(start + 2, end), end };
}

const notDer = () => new Error('the signature is not an ECDSA-Sig-Value');

export class AuthorityKeyIdentifierExtension {}
export class BasicConstraints {}
export class Certificate {}
export class CRLDistributionPointsExtension {}
export class ECParameters {}
export class ExtendedKeyUsage {}
export class KeyDescription {}
export class OctetString {}
export class RSAPublicKey {}
export class SubjectAlternativeName {}
export class SubjectKeyIdentifierExtension {}
export class X509Certificate {}
export class X509ChainBuilder {}
export class X509Crl {}
export const id_ce_basicConstraints = 'absent';
export const id_ce_extKeyUsage = 'absent';
export const id_ce_keyDescription = 'absent';
export const id_ce_subjectAltName = 'absent';
export const id_ecdsaWithSHA256 = 'absent';
export const id_ecdsaWithSHA384 = 'absent';
export const id_ecdsaWithSHA512 = 'absent';
export const id_ecPublicKey = 'absent';
export const id_ml_dsa_44 = 'absent';
export const id_ml_dsa_65 = 'absent';
export const id_ml_dsa_87 = 'absent';
export const id_rsaEncryption = 'absent';
export const id_secp256r1 = 'absent';
export const id_secp384r1 = 'absent';
export const id_sha1WithRSAEncryption = 'absent';
export const id_sha256WithRSAEncryption = 'absent';
export const id_sha384WithRSAEncryption = 'absent';
export const id_sha512WithRSAEncryption = 'absent';
