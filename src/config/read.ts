/**
 * Reads the configuration from the environment, and is the only reader of `env`. A missing, weak or malformed value
 * stops the start with the name of the setting, and never with its content. An empty variable means the default.
 */
import { settingFaults } from './production.ts';
import type { Reader, ReadersOf, Setting, WorkerName } from './setting.ts';
import { constantCase, type settings, settingsFor } from './settings.ts';

type Table = typeof settings;
type ValueOf<S> = S extends Setting<infer T, Reader> ? T : never;
type Config<W extends WorkerName> = {
  readonly [N in keyof Table as Table[N]['reader'] extends ReadersOf<W> ? N : never]: ValueOf<Table[N]>;
};

export type ApiConfig = Config<'api'>;
export type JobsConfig = Config<'jobs'>;
export type AdminConfig = Config<'admin'>;

export function readApiConfig(env: Record<string, unknown>): ApiConfig {
  return read('api', env);
}

export function readJobsConfig(env: Record<string, unknown>): JobsConfig {
  return read('jobs', env);
}

export function readAdminConfig(env: Record<string, unknown>): AdminConfig {
  return read('admin', env);
}

function read<W extends WorkerName>(worker: W, env: Record<string, unknown>): Config<W> {
  // Each value comes from the schema of its row. The compiler cannot follow that through the loop.
  return readRows(settingsFor(worker), env, helpFor(env)) as Config<W>;
}

/** The values of these rows. Throws one sentence with all faults. */
export function readRows(
  rows: [string, Setting<unknown, Reader>][],
  env: Record<string, unknown>,
  help = '',
): Record<string, unknown> {
  const results = rows.map(([field, setting]) => {
    const name = constantCase(field);
    return { field, name, setting, ...readOne(setting, env[name]) };
  });
  const malformed = results.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ name, fault }]));
  const faults = [...malformed, ...settingFaults(results)].map(({ name, fault }) => `${name} ${fault}`);
  if (faults.length > 0) throw new Error(`Configuration refused: ${faults.join('; ')}.${help}`);
  return Object.fromEntries(results.map(({ field, value }) => [field, value]));
}

/** In local work the missing values come from the services of the local stack. */
function helpFor(env: Record<string, unknown>): string {
  const isLocal = !env.ENVIRONMENT || env.ENVIRONMENT === 'local';
  return isLocal && !env.DATABASE_URL
    ? ' For a local `wrangler dev`, start `npm run dev:services` first.'
    : '';
}

function readOne(
  { schema, fallback, isSecret }: Setting<unknown, Reader>,
  given: unknown,
): { value?: unknown; fault?: string } {
  const isGiven = given !== undefined && given !== '';
  if (!isGiven && fallback === undefined) return isSecret ? { fault: 'is missing' } : { value: undefined };
  const { success, data, error } = schema.safeParse(isGiven ? String(given) : fallback);
  return success ? { value: data } : { fault: error.issues.map(({ message }) => message).join(', ') };
}
