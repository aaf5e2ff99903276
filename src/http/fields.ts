/** The fields of requests. Every text is well-formed Unicode without U+0000, and objects are strict. */
import * as z from 'zod';
import { canonicalEmail } from '../lib/email-address.ts';
import { hasBidiControl, hasInvisible, hasTag, isVisible } from '../lib/invisible.ts';

/** No field is longer. The size limit of the body is checked earlier. */
const MAX_TEXT = 2_048;

const text = () =>
  z
    .string()
    .max(MAX_TEXT)
    .refine((value) => value.isWellFormed() && !value.includes('\u0000'), {
      error: 'must be well-formed text without U+0000',
    });

export const emailField = text().transform((value, context) => {
  const address = canonicalEmail(value);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: addressFault(value) });
  return z.NEVER;
});

function addressFault(value: string): string {
  if (hasInvisible(value)) return 'must be an email address without invisible characters';
  const [local = ''] = value.split('@');
  return /[^\0-\x7f]/.test(local)
    ? 'must be an email address with ASCII letters only before the @'
    : 'must be an email address';
}

/** A password to be checked. The rules for a new one are in password/policy.ts. */
export const passwordField = text().min(1);

/** A new password. */
export const newPasswordField = text().min(1);

const CONTROL = /\p{Cc}|\u2028|\u2029/u;

export const nameField = text()
  .max(100)
  .refine((value) => isVisible(value) && !CONTROL.test(value), {
    error: 'must be one line of 1 to 100 characters, one of them visible, without control characters',
  })
  .refine((value) => !hasBidiControl(value), { error: 'must not have bidirectional controls' })
  .refine((value) => !hasTag(value), { error: 'must not have tag characters or a byte order mark' });

/** Lower case: an id must have one spelling, since codes are derived from it and texts are compared. */
export const idField = z.uuid().toLowerCase();

export const codeField = z.string().regex(/^[0-9]{6}$/, { error: 'must be six digits' });

export const linkTokenField = text().min(1);

/** As it was shown; case, spaces and dashes do not matter. */
export const recoveryCodeField = text().min(16).max(40);

export const ticketField = text().min(1);

export const refreshTokenField = text().min(1);

export const deviceTokenField = text().min(1);

export const instantField = z.iso.datetime();

/** What the client says it is, in words. Null when that is unknown. */
export const deviceFields = {
  browser: z.string().nullable(),
  device: z.string().nullable(),
};

export const profileFields = z.object({
  id: idField,
  name: z.string(),
  email: z.string(),
  createdAt: instantField,
});

/** The tokens that login, refresh and a change of the password return (RFC 6749 section 5.1, in camelCase). */
export const tokenFields = {
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int(),
};

/** `PasskeyRequest` of token/passkey-request.ts. */
export const passkeyRequestFields = z.object({
  challenge: z.string(),
  rpId: z.string(),
  userVerification: z.literal('required'),
  timeout: z.int(),
});
