/**
 * Bindings and variables -> configuration. The only reader of `env`: a missing, weak or malformed value
 * stops start-up with its name, and never with its content. An empty variable means its default.
 */
import { z } from 'zod';
import {
  blankIsAbsent,
  budgets,
  databaseUrl,
  headerText,
  keyRing,
  originList,
  parsed,
  secret,
  signingKeysText,
  text,
  url,
  webhookSecret,
  whole,
} from './env-fields.ts';
import { parseBudgets } from './lib/budgets.ts';
import { productionFaults } from './lib/production-faults.ts';

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

export type ApiBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };

/** The jobs Worker rings the same queue: for what the sweep found, and for what must wait. */
export type JobsBindings = { MAIL_QUEUE: Queue<MailJob> };

export type ApiConfig = z.infer<typeof apiSchema>;
export type JobsConfig = z.infer<typeof jobsSchema>;

/** Least urgent first: a line is written when its level is not below LOG_LEVEL. `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

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
  productName: headerText('Gatehouse'),
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
    /** Whether /openapi.json and /api-docs are served. Without a word: yes, but not in production. */
    apiDocs: z.preprocess(blankIsAbsent, z.enum(['on', 'off']).optional()),
    healthCacheSeconds: whole(5, 0, 60),
    /** Mail that is owed for longer makes readiness fail. */
    mailBacklogSeconds: whole(600, 1, 30 * 86_400),
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
    limitWebhook: budgets,
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
