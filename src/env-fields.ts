/** What the text of a variable may be. An empty one is absent; a fault says what is expected, never what was there. */
import { z } from 'zod';
import { parseBudgets } from './lib/budgets.ts';
import { type KeyRing, parseKeyRing } from './lib/key-ring.ts';
import { signingKeys } from './lib/signing-keys.ts';

export const blankIsAbsent = (value: unknown) => (value === '' ? undefined : value);

export const text = (fallback: string) => z.preprocess(blankIsAbsent, z.string().default(fallback));
/** Text that ends up in a mail header. */
export const headerText = (fallback: string) =>
  z.preprocess(
    blankIsAbsent,
    z
      .string()
      .regex(/^\P{Cc}*$/u, 'has a line break or another control character')
      .default(fallback),
  );
export const url = (fallback: string) => z.preprocess(blankIsAbsent, z.url().default(fallback));
export const whole = (fallback: number, min: number, max: number) =>
  z.preprocess(blankIsAbsent, z.coerce.number().int().min(min).max(max).default(fallback));
export const secret = z.preprocess(blankIsAbsent, z.string({ error: 'is missing' }));

/** Comma-separated, each written exactly as a browser sends it: `https://app.example.com`. */
export const originList = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? value.split(',').map((part) => part.trim()) : []),
  z.array(
    z.string().refine((value) => /^https?:[^*]+$/.test(value) && URL.parse(value)?.origin === value, {
      error: 'is not a list of origins such as https://app.example.com',
    }),
  ),
);

export const parsed = <T>(parse: (text: string) => T) =>
  z.string().transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is malformed' });
      return z.NEVER;
    }
  });
export const budgets = z.preprocess(blankIsAbsent, parsed(parseBudgets).optional());

export const keyRing = secret.pipe(parsed((value): KeyRing => parseKeyRing(value)));

export const signingKeysText = secret.transform((value, context) => {
  try {
    return signingKeys.parse(JSON.parse(value));
  } catch {
    // The issues of a key set can quote the key: say only what is expected.
    context.addIssue({
      code: 'custom',
      message: 'is not {current, next?, retired} of P-256 JWKs, each with its own kid',
    });
    return z.NEVER;
  }
});

export const databaseUrl = secret.pipe(
  z.string().regex(/^postgres(ql)?:\/\/[^/]+\/.+/, 'is not a postgresql:// connection string'),
);

/** As Resend shows it; the library would take any base64, even a short one. */
export const webhookSecret = z.preprocess(
  (value) => (value === 'off' ? undefined : blankIsAbsent(value)),
  z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, "is neither 'off' nor whsec_ and base64")
    .optional(),
);
