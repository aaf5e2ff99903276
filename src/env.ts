/**
 * Bindings and variables -> configuration. The only reader of `env`: a missing, weak or malformed value
 * stops start-up with its name, and never with its content. An empty variable means its default.
 */
import { z } from 'zod';
import { parseBudgets } from './lib/budgets.ts';
import { type KeyRing, parseKeyRing } from './lib/key-ring.ts';

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

export type ApiBindings = { MAIL_QUEUE: Queue<MailJob> };

export type ApiConfig = z.infer<typeof apiSchema>;
export type JobsConfig = z.infer<typeof jobsSchema>;
export type SigningKeySet = z.infer<typeof signingKeys>;

const blankIsAbsent = (value: unknown) => (value === '' ? undefined : value);

const text = (fallback: string) => z.preprocess(blankIsAbsent, z.string().default(fallback));
const url = (fallback: string) => z.preprocess(blankIsAbsent, z.url().default(fallback));
const whole = (fallback: number, min: number, max: number) =>
  z.preprocess(blankIsAbsent, z.coerce.number().int().min(min).max(max).default(fallback));
const secret = z.preprocess(blankIsAbsent, z.string({ error: 'is missing' }));

/** Comma-separated, each written exactly as a browser sends it: `https://app.example.com`. */
const originList = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? value.split(',').map((part) => part.trim()) : []),
  z.array(
    z.string().refine((value) => /^https?:[^*]+$/.test(value) && URL.parse(value)?.origin === value, {
      error: 'is not a list of origins such as https://app.example.com',
    }),
  ),
);

const parsed = <T>(parse: (text: string) => T) =>
  z.string().transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is malformed' });
      return z.NEVER;
    }
  });
const budgets = z.preprocess(blankIsAbsent, parsed(parseBudgets).optional());

const keyRing = secret.pipe(parsed((value): KeyRing => parseKeyRing(value)));

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

/** The signing keys of access tokens: `current` signs; `next` is published ahead; `retired` still verifies. */
const signingKeys = z
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

const signingKeysText = secret.transform((value, context) => {
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

const databaseUrl = secret.pipe(
  z.string().regex(/^postgres(ql)?:\/\/[^/]+\/.+/, 'is not a postgresql:// connection string'),
);

const shared = {
  environment: z.preprocess(blankIsAbsent, z.enum(['local', 'staging', 'production']).default('local')),
  databaseUrl,
  neonHttpUrl: z.preprocess(blankIsAbsent, z.url().optional()),
  databaseTimeoutMs: whole(2_500, 100, 30_000),
  mailSecrets: keyRing,
  /** Seconds. The API keeps it, the mail says it. */
  verificationCodeSeconds: whole(300, 1, 600),
  productName: text('Gatehouse'),
};

const apiSchema = z
  .object({
    ...shared,
    issuer: url('http://localhost:8787'),
    audience: text('gatehouse'),
    accessTokenKeys: signingKeysText,
    accessTokenSeconds: whole(900, 1, 3_600),
    refreshTokenSecrets: keyRing,
    allowedOrigins: originList,
    refreshGraceSeconds: whole(10, 0, 60),
    sessionIdleSeconds: whole(7 * 86_400, 1, 30 * 86_400),
    sessionAbsoluteSeconds: whole(30 * 86_400, 1, 365 * 86_400),
    signupPendingSeconds: whole(86_400, 1, 7 * 86_400),
    verificationCodeTries: whole(5, 1, 10),
    verificationResends: whole(3, 0, 10),
    /** Failures of one address from one client or known device, and the lock that follows. */
    loginTries: whole(5, 1, 100),
    loginTriesSeconds: whole(900, 1, 86_400),
    loginLockSeconds: whole(1_800, 1, 86_400),
    /** Failures of one address an hour, from all unknown devices, until they become slower and slower. */
    loginStrangerTries: whole(20, 1, 1_000),
    /** Failures since the last success that only a reset ends. */
    loginFailuresInARow: whole(100, 1, 1_000),
    passwordPeppers: keyRing,
    passwordMinLength: whole(8, 8, 64),
    passwordMaxLength: whole(256, 64, 256),
    /** Which implementation of scrypt: `node:crypto` or `@noble/hashes`. The records are the same. */
    passwordScrypt: z.preprocess(blankIsAbsent, z.enum(['native', 'portable']).default('native')),
    passwordHashWaiting: whole(4, 0, 256),
    /** Where breached passwords are asked for; none: they are not. */
    breachUrl: z.preprocess(blankIsAbsent, z.url().optional()),
    mailBudget: z.preprocess((value) => value || '1/60,5/3600,10/86400', parsed(parseBudgets)),
    bodyLimitBytes: whole(16_384, 1_024, 1_048_576),
    upstashRedisRestUrl: secret.pipe(z.url('is not a URL')),
    upstashRedisRestToken: secret,
    /** After this long without an answer the limiter's store counts as down. */
    limiterTimeoutMs: whole(300, 50, 450),
    // Overrides of the table in guard/limits.ts, which holds the defaults.
    limitSignup: budgets,
    limitVerify: budgets,
    limitResend: budgets,
    limitLogin: budgets,
    limitForgot: budgets,
    limitReset: budgets,
    limitConfirm: budgets,
    limitRefresh: budgets,
    limitRefreshFamily: budgets,
    limitLogout: budgets,
    limitAccount: budgets,
    limitAccountSession: budgets,
  })
  .readonly();

const jobsSchema = z
  .object({
    ...shared,
    resendApiKey: secret,
    resendBaseUrl: z.preprocess(blankIsAbsent, z.url().optional()),
    linkBaseUrl: url('http://localhost:8787'),
    mailFrom: text('Gatehouse <no-reply@gatehouse.example>'),
    mailBackoffSeconds: whole(2, 1, 3_600),
  })
  .readonly();

export function readApiConfig(env: Record<string, unknown>): ApiConfig {
  return read(apiSchema, env);
}

export function readJobsConfig(env: Record<string, unknown>): JobsConfig {
  return read(jobsSchema, env);
}

type ConfigSchema = typeof apiSchema | typeof jobsSchema;

function read<S extends ConfigSchema>(schema: S, env: Record<string, unknown>): z.infer<S> {
  const names = Object.keys(schema.def.innerType.shape);
  const result = schema.safeParse(Object.fromEntries(names.map((name) => [name, env[constantCase(name)]])));
  if (result.success) return result.data as z.infer<S>;
  const faults = result.error.issues.map(
    (issue) => `${constantCase(String(issue.path[0]))} ${issue.message}`,
  );
  throw new Error(`Configuration refused: ${faults.join('; ')}.`);
}

/** `sessionIdleSeconds` is set by `SESSION_IDLE_SECONDS`. */
function constantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
