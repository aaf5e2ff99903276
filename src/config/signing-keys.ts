/** The form of the signing keys of access tokens: P-256 JWKs, each with its own kid. */
import { z } from 'zod';

const publicJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  alg: z.literal('ES256').default('ES256'),
  use: z.literal('sig').default('sig'),
  kid: z.string().min(1),
  x: z.string().length(43),
  y: z.string().length(43),
});
const privateJwk = publicJwk.extend({ d: z.string().length(43) });

export type SigningKeySet = z.infer<typeof signingKeys>;

/** The signing keys of access tokens: `current` signs; `next` is published ahead; `retired` still verifies. */
export const signingKeys = z
  .object({
    current: privateJwk,
    next: privateJwk.optional(),
    retired: z.array(publicJwk).default([]),
  })
  .refine(
    ({ current, next, retired }) => {
      const ids = [current, ...(next ? [next] : []), ...retired].map((key) => key.kid);
      return new Set(ids).size === ids.length;
    },
    { error: 'has one kid twice' },
  );
