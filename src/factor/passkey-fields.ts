/**
 * A new passkey and the use of one, as `PublicKeyCredential.toJSON()` of a browser gives them (WebAuthn Level 3 section
 * 5.1). Browsers add members over time, so those that are not named here are ignored. Sizes are limited before anything
 * is decoded.
 */
import * as z from 'zod';

/** ES256, EdDSA, and RS256 for Windows Hello (RFC 9053, RFC 8812). */
export const COSE_ALGORITHMS = [-7, -8, -257] as const;

/** Base64url without padding (RFC 4648 section 5) in its one correct spelling: no bit is set beyond the last byte. */
const CANONICAL =
  /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{4}|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-][AQgw])$/;

/** From one byte to so many characters of it. Other spellings are refused, since decoders differ in what they make of them. */
const base64url = (max: number) => z.string().max(max).regex(CANONICAL, { error: 'must be base64url' });

/** An authenticator may choose up to 1,023 bytes. */
const credentialId = base64url(1_364);
const clientDataJSON = base64url(2_048);

const credential = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };

export const attestationField = z.object({
  ...credential,
  response: z.object({
    clientDataJSON,
    attestationObject: base64url(4_096),
    transports: z.array(z.string().max(32)).max(8).default([]),
  }),
});

export const assertionField = z.object({
  ...credential,
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url(2_048),
    /** RSA has the longest ones. */
    signature: base64url(1_366),
    /** 64 bytes. */
    userHandle: base64url(86),
  }),
});

export type Attestation = z.output<typeof attestationField>;
export type Assertion = z.output<typeof assertionField>;
