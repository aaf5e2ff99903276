/**
 * Once for a whole run of the tests: a real Postgres (databases.ts), Neon's endpoint before it, a Redis behind
 * Upstash's, a mailbox, and the control server. Hands their addresses to the Workers as bindings, along with secrets of this run only.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { TestProject } from 'vitest/node';
import { copyAssets } from '../../dev/assets.ts';
import { inProcessRedis } from '../../dev/redis.ts';
import { serveMailbox } from '../../dev/resend.ts';
import { ensureSecrets } from '../../dev/secrets.ts';
import { serveNeonHttp } from '../../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor } from '../../selfhost/gateway/postgres.ts';
import { serveUpstash } from '../../selfhost/gateway/upstash.ts';
import { startPostgres } from '../../tooling/postgres-server.ts';
import { serveControl } from './control.ts';
import { createDatabase, createTemplate } from './databases.ts';
import { recordingExecutor } from './statements.ts';

const SECRETS = [
  'ACCESS_TOKEN_KEYS',
  'REFRESH_TOKEN_SECRETS',
  'PASSWORD_PEPPERS',
  'PASSWORD_SALT_SECRET',
  'MAIL_SECRETS',
  'FACTOR_SECRETS',
  'TICKET_SECRETS',
] as const;

type Bindings = Record<
  | (typeof SECRETS)[number]
  | ('DATABASE_URL' | 'NEON_HTTP_URL' | 'RESEND_BASE_URL' | 'RESEND_API_KEY' | 'CONTROL_URL' | 'LOG_LEVEL')
  | ('UPSTASH_REDIS_REST_URL' | 'UPSTASH_REDIS_REST_TOKEN')
  | ('RESEND_WEBHOOK_SECRET' | 'MAIL_BACKOFF_SECONDS' | 'MAIL_TIMEOUT_MS' | 'DATABASE_TIMEOUT_MS'),
  string
>;

declare module 'vitest' {
  interface ProvidedContext {
    env: Bindings;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  copyAssets();
  const postgres = await startPostgres();
  await createTemplate(postgres.connectionString);
  const databaseUrl = await createDatabase(postgres.connectionString);
  const { executor, routes } = recordingExecutor(createPostgresExecutor());
  const control = await serveControl(databaseUrl, routes);
  const neon = await serveNeonHttp({ executor, beforeRun: control.beforeRun });
  const redis = await serveUpstash({ backend: await inProcessRedis(), beforeRun: control.beforeRedis });
  const mailbox = await serveMailbox({ port: 0 });

  project.provide('env', {
    ...freshSecrets(),
    DATABASE_URL: databaseUrl,
    NEON_HTTP_URL: neon.url,
    RESEND_BASE_URL: mailbox.url,
    RESEND_API_KEY: 're_test',
    // Of the jobs: mail of an earlier test may still be delivered while another one watches the console.
    LOG_LEVEL: 'silent',
    CONTROL_URL: control.url,
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: 'test',
    RESEND_WEBHOOK_SECRET: 'off',
    // The real queue waits for real.
    MAIL_BACKOFF_SECONDS: '1',
    // Nothing is down because the machine is busy: tests of what is down set their own.
    MAIL_TIMEOUT_MS: '20000',
    DATABASE_TIMEOUT_MS: '20000',
  });
  return async () => {
    await Promise.all([neon.close(), redis.close(), mailbox.close(), control.close()]);
    await executor.close();
    await postgres.stop();
  };
}

/** The same secrets that `npm run dev` makes for a new checkout. */
function freshSecrets(): Pick<Bindings, (typeof SECRETS)[number]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'));
  try {
    const file = join(folder, '.dev.vars');
    ensureSecrets(file);
    const written = parseEnv(readFileSync(file, 'utf8'));
    const secrets = SECRETS.map((name) => [name, written[name]]);
    return Object.fromEntries(secrets);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
