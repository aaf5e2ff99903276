/**
 * All settings of the local stack and of the Workers. The environment of `npm run dev` wins over `.dev.vars`, which
 * wins over the local defaults here. An empty value means the default. All other defaults are in
 * src/config/settings.ts.
 */
import { parseEnv } from 'node:util';
import { readAdminConfig, readApiConfig, readJobsConfig } from '../src/config/read.ts';
import { devVarsFile } from '../tooling/paths.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';
import { ACCESS_AUDIENCE } from './access.ts';
import { ownPart } from './env-files.ts';
import { parsePort } from './ports.ts';
import { ensureSecrets } from './secrets.ts';

export type Settings = {
  ports: { api: number; mailbox: number; admin: number };
  /** By name. Each Worker gets the settings that it reads. */
  values: Record<string, string> &
    Record<'DATABASE_URL' | 'NEON_HTTP_URL' | 'UPSTASH_REDIS_REST_URL' | 'UPSTASH_REDIS_REST_TOKEN', string>;
};

/** A placeholder for the Postgres of this checkout, until it has a port and a password. */
export const LOCAL_DATABASE_URL = 'postgresql://gatehouse:gatehouse@localhost/gatehouse';

/** A placeholder for the Redis of the stack, until it has a port. */
export const LOCAL_REDIS_URL = 'http://localhost';

/** Reads all settings. Secrets that are missing in `.dev.vars` are made first. */
export function readSettings(environment = process.env): Settings {
  ensureSecrets(devVarsFile, environment);
  const written = withoutBlanks({ ...parseEnv(ownPart(devVarsFile)), ...environment });

  const ports = {
    api: parsePort('PORT', written.PORT ?? '8787'),
    mailbox: parsePort('MAILBOX_PORT', written.MAILBOX_PORT ?? '8025'),
    admin: parsePort('ADMIN_PORT', written.ADMIN_PORT ?? '8788'),
  };
  const values = {
    ENVIRONMENT: 'local',
    ISSUER: `http://localhost:${ports.api}`,
    LINK_BASE_URL: `http://localhost:${ports.api}`,
    RESEND_BASE_URL: `http://127.0.0.1:${ports.mailbox}`,
    RESEND_API_KEY: 're_local',
    RESEND_WEBHOOK_SECRET: 'off',
    ACCESS_ISSUER: `http://localhost:${ports.admin}`,
    ACCESS_AUDIENCE,
    ADMIN_ORIGIN: `http://localhost:${ports.admin}`,
    DATABASE_URL: LOCAL_DATABASE_URL,
    NEON_HTTP_URL: '',
    UPSTASH_REDIS_REST_URL: LOCAL_REDIS_URL,
    UPSTASH_REDIS_REST_TOKEN: 'local',
    ...written,
  };
  refuseMalformed(values);
  return { ports, values };
}

function withoutBlanks(values: NodeJS.Dict<string>): Record<string, string> {
  const set = (entry: [string, string | undefined]): entry is [string, string] => Boolean(entry[1]);
  return Object.fromEntries(Object.entries(values).filter(set));
}

/** The Workers would refuse the same values, but only at the first request. */
function refuseMalformed(values: Record<string, string>): void {
  try {
    readApiConfig(values);
    readJobsConfig(values);
    readAdminConfig(values);
  } catch (error) {
    const help = 'Correct .dev.vars or the environment (.dev.vars.example explains every name).';
    throw new UserError(`${messageOf(error)} ${help}`);
  }
}
