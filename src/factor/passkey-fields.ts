/**
 * A new passkey and the use of one, as `PublicKeyCredential.toJSON()` of a browser gives them (WebAuthn Level 3 section
 * 5.1). Browsers add members over time, so those that are not named here are ignored. Sizes are limited before anything
 * is decoded.
 */
import * as z from 'zod';

/** ES256, EdDSA, and RS256 for Windows Hello (RFC 9053, RFC 8812). */
export const COSE_ALGORITHMS = [-7, -8, -257] as const;

/** At most so many characters of base64url without padding, in its one correct spelling: decoders differ in others. */
const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => Buffer.from(value, 'base64url').toString('base64url') === value, {
      error: 'must be base64url',
    });

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
