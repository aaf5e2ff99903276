/**
 * Reads all settings of a self-hosted service: the environment over the lines of SETTINGS_FILE. They are the rows of
 * the Workers and the own ones of this folder, refused with the same sentences. The supervisor alone reads them; each
 * process gets what it needs.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseEnv } from 'node:util';
import { readRows } from '../src/config/read.ts';
import type { Reader, Setting, WorkerName } from '../src/config/setting.ts';
import { constantCase, settings, settingsFor } from '../src/config/settings.ts';
import { ownSettings } from './own-settings.ts';

type Values = Record<string, string>;
type Own = {
  [N in keyof typeof ownSettings]: (typeof ownSettings)[N] extends Setting<infer T, Reader> ? T : never;
};

/** `env` is the environment of each process. */
export type SelfHosted = {
  listen: { host: string; port: number };
  workers: number;
  hungMs: number;
  env: { gateway: Values; api: Values; jobs: Values; front: Values };
};

/** What the Worker calls the gateway. The names lead nowhere else: selfhost/front/outbound.ts catches them. */
const GATEWAY = 'gateway.internal';

/** Set here, and by nobody else. */
const SET_HERE = ['neonHttpUrl', 'upstashRedisRestUrl', 'upstashRedisRestToken'];

/** Made for each start: what a Worker has to show to the gateway. */
export const makeToken = () => randomBytes(32).toString('base64url');

/** @throws Error with one sentence that names every fault */
export function readSelfHosted(environment: NodeJS.Dict<string>, token: string): SelfHosted {
  const given = readGiven(environment);
  const rows: Record<string, Setting<unknown, Reader>> = { ...settings, ...ownSettings };
  for (const name of SET_HERE) delete rows[name];
  if (given.SMTP_URL) delete rows.resendApiKey;
  const own = readRows(Object.entries(rows), given) as Own;
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(own.listen) ?? [];
  return {
    listen: { host, port: Number(port) },
    workers: own.workers || availableParallelism(),
    hungMs: own.hungSeconds * 1_000,
    env: {
      gateway: gatewayEnv(given, own, token),
      api: { ...valuesFor('api', given), ...standIns(token) },
      jobs: jobsEnv(given, own, token),
      front: { TRUSTED_PROXIES: own.trustedProxies, CLIENT_ADDRESS_HEADER: own.clientAddressHeader },
    },
  };
}

/** An empty value means the default. */
function readGiven(environment: NodeJS.Dict<string>): Values {
  const { SETTINGS_FILE: file } = environment;
  const written = file ? parseEnv(readFileSync(file, 'utf8')) : {};
  const set = (entry: [string, string | undefined]): entry is [string, string] => Boolean(entry[1]);
  return {
    ...Object.fromEntries(Object.entries(written).filter(set)),
    ...Object.fromEntries(Object.entries(environment).filter(set)),
  };
}

const valuesFor = (worker: WorkerName, given: Values): Values =>
  Object.fromEntries(
    settingsFor(worker).flatMap(([field]) => {
      const name = constantCase(field);
      return given[name] === undefined ? [] : [[name, given[name]]];
    }),
  );

/** The Worker holds no password of a database, and believes that it speaks to Neon and to Upstash. */
const standIns = (token: string): Values => ({
  DATABASE_URL: `postgresql://api:${token}@db.${GATEWAY}/gatehouse`,
  UPSTASH_REDIS_REST_URL: `https://redis.${GATEWAY}`,
  UPSTASH_REDIS_REST_TOKEN: token,
});

const gatewayEnv = (given: Values, own: Own, token: string): Values => ({
  ...pick(given, ['DATABASE_URL', 'REDIS_URL', 'POSTGRES_CA_FILE', 'REDIS_CA_FILE']),
  POSTGRES_TLS: own.postgresTls,
  POSTGRES_POOL_SIZE: String(own.postgresPoolSize),
  DATABASE_TIMEOUT_MS: given.DATABASE_TIMEOUT_MS ?? String(settings.databaseTimeoutMs.fallback),
  GATEWAY_TOKEN: token,
});

const jobsEnv = (given: Values, own: Own, token: string): Values => ({
  ...valuesFor('jobs', given),
  ...pick(given, ['SMTP_URL', 'POSTGRES_CA_FILE']),
  // With SMTP there is no key of Resend, which the table of the jobs Worker demands.
  ...(own.smtpUrl !== undefined && { RESEND_API_KEY: token }),
  DATABASE_URL: standIns(token).DATABASE_URL ?? '',
  JOBS_DATABASE_URL: own.jobsDatabaseUrl,
  POSTGRES_TLS: own.postgresTls,
  SMTP_TLS: own.smtpTls,
});

const pick = (given: Values, names: string[]): Values =>
  Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
