/** The types of settings. A fault says what is expected, and never what was there: it could be a secret. */
import * as z from 'zod';
import { parseImportFormats } from '../lib/import-formats.ts';
import { type KeyRing, parseKeyRing, parseSecret } from '../lib/key-ring.ts';
import { DEFAULT_COSTS, parseScryptCosts } from '../lib/scrypt.ts';
import { type BrandColours, parseBrandColours, type Scheme } from './brand.ts';
import { parseLimits, writtenLimits } from './limits.ts';
import { parseSigningKeys } from './signing-keys.ts';

/**
 * `fallback` is used when the setting is absent. Without a fallback, an absent setting is undefined, and an absent
 * secret is a fault.
 */
export type Field<T> = {
  schema: z.ZodType<T>;
  fallback?: string;
  isSecret?: true;
  /** A service that may run on the same machine, outside of Cloudflare. */
  isBeside?: true;
};

/** Parses with a function that throws an Error saying what is wrong. */
const parsed = <T>(parse: (text: string) => T) =>
  z.string().transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is malformed' });
      return z.NEVER;
    }
  });

export const text = (fallback: string): Field<string> => ({ schema: z.string(), fallback });

/** Text that goes into a mail header. */
export const headerText = (fallback: string): Field<string> => ({
  schema: z.string().regex(/^\P{Cc}*$/u, 'has a line break or another control character'),
  fallback,
});

export const url = (fallback: string): Field<string> => ({ schema: z.url('is not a URL'), fallback });
/** Something that people open. */
export const optionalPage: Field<string | undefined> = {
  schema: z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }),
};
/** A page, or an address without a prepared subject or text. */
export const optionalContact: Field<string | undefined> = {
  schema: z.union([z.url({ protocol: /^https?$/ }), z.string().regex(/^mailto:[^\s@?]+@[^\s@?]+$/)], {
    error: 'is neither an http(s) URL nor mailto: and an address',
  }),
};
export const optionalText: Field<string | undefined> = {
  schema: z.string().regex(/^[\x21-\x7e]+$/, 'has a blank or a character that is not ASCII'),
};
/** As a browser sends it. */
export const optionalOrigin: Field<string | undefined> = {
  schema: z.string().refine((one) => /^https?:/.test(one) && URL.parse(one)?.origin === one, {
    error: 'is not an origin such as https://admin.example.com',
  }),
};
export const optionalUrl: Field<string | undefined> = { schema: z.url('is not a URL') };

export const whole = (fallback: number, min: number, max: number): Field<number> => {
  const error = `is not a whole number from ${min} to ${max}`;
  return {
    schema: z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error }),
    fallback: String(fallback),
  };
};

export const oneOf = <const T extends string>(choices: readonly [T, ...T[]], fallback: T): Field<T> => ({
  schema: z.enum(choices, `is not one of ${choices.join(', ')}`),
  fallback,
});
export const optionalOneOf = <const T extends string>(
  choices: readonly [T, ...T[]],
): Field<T | undefined> => ({
  schema: z.enum(choices, `is not one of ${choices.join(', ')}`),
});

/** Comma-separated, each exactly as a browser sends it: `https://app.example.com`. */
export const origins: Field<string[]> = {
  schema: z
    .string()
    .transform((list) => (list === '' ? [] : list.split(',').map((part) => part.trim())))
    .refine((list) => list.every((one) => /^https?:[^*]+$/.test(one) && URL.parse(one)?.origin === one), {
      error: 'is not a list of origins such as https://app.example.com',
    }),
  fallback: '',
};

/** A domain name in lower case, without port. A browser accepts no address as RP ID (WebAuthn section 5.1.2). */
export const optionalHost: Field<string | undefined> = {
  schema: z
    .string()
    .refine((value) => URL.parse(`https://${value}`)?.hostname === value && !/^[\d.]+$/.test(value), {
      error: 'is not a domain name in lower case',
    }),
};

/** Comma-separated, each exactly as the authenticator gets it from the system. */
export const apps: Field<string[]> = {
  schema: z
    .string()
    .transform((list) => (list === '' ? [] : list.split(',').map((part) => part.trim())))
    .refine(
      (list) => list.every((one) => /^(android:apk-key-hash:[\w-]{27,43}|https:\/\/[a-z0-9.-]+)$/.test(one)),
      {
        error: 'is not a list of android:apk-key-hash:... and https://...',
      },
    ),
  fallback: '',
};

/** Comma-separated, each as `URL` writes it, without query and fragment. */
export const returnUrls: Field<string[]> = {
  schema: z
    .string()
    .transform((list) => (list === '' ? [] : list.split(',').map((part) => part.trim())))
    .refine((list) => list.every((one) => /^https?:[^?#]+$/.test(one) && URL.parse(one)?.href === one), {
      error: 'is not a list of URLs such as https://app.example.com/',
    }),
  fallback: '',
};

/** `#rrggbb` by name, or undefined: those of the pages. */
export const brandColours = (scheme: Scheme): Field<BrandColours | undefined> => ({
  schema: parsed((value) => parseBrandColours(scheme, value)),
});

export const logoFile: Field<string> = {
  schema: z.string().regex(/^[\w-]+\.(svg|png|webp)$/, 'is not the name of an SVG, PNG or WebP file'),
  fallback: 'logo.svg',
};

export const limits = { schema: parsed(parseLimits), fallback: writtenLimits() };

export const importFormats = { schema: parsed(parseImportFormats), fallback: '' };

export const scryptCosts = { schema: parsed(parseScryptCosts), fallback: DEFAULT_COSTS };

const secret = <T>(schema: z.ZodType<T>): Field<T> => ({ schema, isSecret: true });

/** A secret that a provider has made. */
export const token = secret(z.string());
export const secretUrl = secret(z.url('is not a URL'));
export const keyRing = secret(parsed((value): KeyRing => parseKeyRing(value)));
/** `off` is undefined. */
export const optionalKeyRing: Field<KeyRing | undefined> = {
  ...secret(parsed((value) => (value === 'off' ? undefined : parseKeyRing(value)))),
  fallback: 'off',
};
export const singleSecret = secret(parsed(parseSecret));
export const signingKeySet = secret(parsed(parseSigningKeys));
export const databaseUrl = secret(
  z.string().regex(/^postgres(ql)?:\/\/[^/]+\/.+/, 'is not a postgresql:// connection string'),
);
/** As Resend shows it. The library would accept any base64, even a short one. `off` becomes undefined. */
export const webhookSecret = secret(
  z
    .string()
    .regex(/^(off|whsec_[A-Za-z0-9+/]{32,}={0,2})$/, "is neither 'off' nor whsec_ and base64")
    .transform((value) => (value === 'off' ? undefined : value)),
);
