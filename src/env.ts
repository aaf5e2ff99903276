/**
 * Bindings and variables -> configuration. The only reader of `env`: a missing, weak or malformed value
 * stops start-up with its name, and never with its content. An empty variable means its default.
 */
import { z } from 'zod';
import { type KeyRing, parseKeyRing } from './lib/key-ring.ts';
import { productionFaults } from './lib/production-faults.ts';
import { signingKeys } from './lib/signing-keys.ts';

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

export type ApiBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };

/** The jobs Worker rings the same queue: for what the sweep found, and for what must wait. */
export type JobsBindings = { MAIL_QUEUE: Queue<MailJob> };

export type ApiConfig = z.infer<typeof apiSchema>;
export type JobsConfig = z.infer<typeof jobsSchema>;
export type SigningKeySet = z.infer<typeof signingKeys>;

/** Least urgent first: a line is written when its level is not below LOG_LEVEL. `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const blankIsAbsent = (value: unknown) => (value === '' ? undefined : value);

const text = (fallback: string) => z.preprocess(blankIsAbsent, z.string().default(fallback));
/** Text that ends up in a mail header. */
const headerText = (fallback: string) =>
  z.preprocess(
    blankIsAbsent,
    z
      .string()
      .regex(/^\P{Cc}*$/u, 'has a line break or another control character')
      .default(fallback),
  );
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

const keyRing = secret.transform((value, context): KeyRing => {
  try {
    return parseKeyRing(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is malformed' });
    return z.NEVER;
  }
});

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

/** As Resend shows it; the library would take any base64, even a short one. */
const webhookSecret = z.preprocess(
  (value) => (value === 'off' ? undefined : blankIsAbsent(value)),
  z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, "is neither 'off' nor whsec_ and base64")
    .optional(),
);

const shared = {
  environment: z.preprocess(blankIsAbsent, z.enum(['local', 'staging', 'production']).default('local')),
  databaseUrl,
  neonHttpUrl: z.preprocess(blankIsAbsent, z.url().optional()),
  /** For all trips of a request together; with a full hash queue an answer still takes no more than 3 s. */
  databaseTimeoutMs: whole(2_000, 100, 30_000),
  logLevel: z.preprocess(blankIsAbsent, z.enum(logLevels).default('info')),
  /** Where unforeseen errors are reported; without it nowhere. */
  sentryDsn: z.preprocess(blankIsAbsent, z.url().optional()),
  mailSecrets: keyRing,
  /** Seconds. The API keeps them, the mails say them. */
  verificationCodeSeconds: whole(300, 1, 600),
  resetLinkSeconds: whole(3_600, 60, 86_400),
};

const apiSchema = z
  .object({
    ...shared,
    issuer: url('http://localhost:8787'),
    audience: text('gatehouse'),
    accessTokenKeys: signingKeysText,
    accessTokenSeconds: whole(900, 1, 3_600),
    refreshTokenSecrets: keyRing,
    deviceTokenSeconds: whole(180 * 86_400, 1, 400 * 86_400),
    allowedOrigins: originList,
    refreshGraceSeconds: whole(10, 0, 60),
    sessionIdleSeconds: whole(7 * 86_400, 1, 30 * 86_400),
    sessionAbsoluteSeconds: whole(30 * 86_400, 1, 365 * 86_400),
    sessionsMax: whole(20, 1, 1_000),
    signupPendingSeconds: whole(86_400, 1, 7 * 86_400),
    verificationCodeTries: whole(5, 1, 10),
    verificationResends: whole(3, 0, 10),
    passwordPeppers: keyRing,
    passwordMinLength: whole(8, 8, 64),
    passwordMaxLength: whole(256, 64, 256),
    /** Which implementation of scrypt: `node:crypto` or `@noble/hashes`. The records are the same. */
    passwordScrypt: z.preprocess(blankIsAbsent, z.enum(['native', 'portable']).default('native')),
    passwordHashWaiting: whole(4, 0, 256),
    healthCacheSeconds: whole(5, 0, 60),
    /** Mail that is owed for longer makes readiness fail. */
    mailBacklogSeconds: whole(600, 1, 86_400),
    bodyLimitBytes: whole(16_384, 1_024, 1_048_576),
    /** Without it the provider's webhook is not served. */
    resendWebhookSecret: webhookSecret,
  })
  .readonly();

const jobsSchema = z
  .object({
    ...shared,
    resendApiKey: secret,
    resendBaseUrl: z.preprocess(blankIsAbsent, z.url().optional()),
    linkBaseUrl: url('http://localhost:8787'),
    mailFrom: headerText('Gatehouse <no-reply@gatehouse.example>'),
    productName: headerText('Gatehouse'),
    mailBackoffSeconds: whole(2, 1, 3_600),
    /** How long one call of the provider may take, and how many a batch makes at a time. */
    mailTimeoutMs: whole(10_000, 100, 30_000),
    mailConcurrency: whole(5, 1, 50),
    /** How long finished mail, and addresses that bounced, are remembered. */
    mailRetentionSeconds: whole(30 * 86_400, 86_400, 365 * 86_400),
    mailSuppressionSeconds: whole(180 * 86_400, 86_400, 3_650 * 86_400),
    /** Security events are kept this long. */
    eventRetentionDays: whole(365, 1, 3_650),
  })
  .readonly();

export function readApiConfig(env: Record<string, unknown>): ApiConfig {
  return read(apiSchema, env);
}

export function readJobsConfig(env: Record<string, unknown>): JobsConfig {
  return read(jobsSchema, env);
}

type ConfigSchema = typeof apiSchema | typeof jobsSchema;

/** The names a Worker's configuration is set by. */
export const configNames = {
  api: Object.keys(apiSchema.def.innerType.shape).map(constantCase),
  jobs: Object.keys(jobsSchema.def.innerType.shape).map(constantCase),
};

function read<S extends ConfigSchema>(schema: S, env: Record<string, unknown>): z.infer<S> {
  const names = Object.keys(schema.def.innerType.shape);
  const result = schema.safeParse(Object.fromEntries(names.map((name) => [name, env[constantCase(name)]])));
  const isProduction = result.success && result.data.environment === 'production';
  const faults = result.success
    ? (isProduction ? productionFaults(result.data) : []).map(
        ({ name, fault }) => `${constantCase(name)} ${fault}`,
      )
    : result.error.issues.map((issue) => `${constantCase(String(issue.path[0]))} ${issue.message}`);
  if (result.success && faults.length === 0) return result.data as z.infer<S>;
  throw new Error(`Configuration refused: ${faults.join('; ')}.`);
}

/** `sessionIdleSeconds` is set by `SESSION_IDLE_SECONDS`. */
function constantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
