/**
 * `npm run deploy -- staging|production [--dry-run]`: every step in the order that keeps what runs running. Settings are
 * judged as the Workers will judge them, both bundles are built, secrets and queues are checked, the migrations go
 * first, then the jobs Worker (it must know what the new API writes), then the API. A step that fails ends it.
 * With --dry-run nothing outside this machine is asked or changed, and each command is shown instead.
 */
import { join } from 'node:path';
import { unstable_readConfig as readWrangler } from 'wrangler';
import { readApiConfig, readJobsConfig } from '../src/config/read.ts';
import { keyKinds } from '../tooling/key-values.ts';
import { readMigrations, up } from '../tooling/migrations.ts';
import { migrationsFolder, root } from '../tooling/paths.ts';
import { explain, messageOf, UserError } from '../tooling/user-error.ts';
import { runWrangler } from '../tooling/wrangler.ts';
import { connect } from './connection.ts';

const workers = [
  { name: 'jobs', config: 'src/jobs/wrangler.toml', read: readJobsConfig },
  { name: 'API', config: 'wrangler.toml', read: readApiConfig },
];

/** For the secrets that others make. */
const STAND_INS = {
  DATABASE_URL: 'postgresql://x:x@db.invalid/x',
  RESEND_API_KEY: 'x',
  UPSTASH_REDIS_REST_URL: 'https://redis.invalid',
  UPSTASH_REDIS_REST_TOKEN: 'x',
  RESEND_WEBHOOK_SECRET: 'off',
};

const [environment, flag] = process.argv.slice(2);
const isDryRun = flag === '--dry-run';
if (!['staging', 'production'].includes(environment ?? '') || (flag !== undefined && !isDryRun)) {
  console.error('Say what to deploy: npm run deploy -- staging|production [--dry-run]');
  process.exit(1);
}

try {
  for (const worker of workers) step(`settings of the ${worker.name} Worker`, () => judgeSettings(worker));
  for (const { name, config } of workers) step(`bundle of the ${name} Worker`, () => bundle(config));
  for (const { name, config } of workers) step(`secrets of the ${name} Worker`, () => checkSecrets(config));
  step('queues', makeQueues);
  await migrate();
  for (const { name, config } of workers)
    step(`${name} Worker`, () => remote('deploy', '--minify', '-c', config, '--env', env()));
  console.log('Next: npm run smoke -- https://the-address-of-the-API');
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

function env(): string {
  return environment ?? '';
}

function step(what: string, run: () => void): void {
  console.log(`- ${what}`);
  run();
}

/** With secrets of the right form in place of the real ones, which nobody can read back. */
function judgeSettings({ config, read }: (typeof workers)[number]): void {
  const { vars } = readWrangler({ config: join(root, config), env: env() }, { hideWarnings: true });
  const stand = Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()]));
  try {
    read({ ...vars, ...stand, ...STAND_INS });
  } catch (error) {
    throw new UserError(`${config}, [env.${env()}.vars]: ${messageOf(error)}`);
  }
}

function bundle(config: string): void {
  const { status, output } = runWrangler('deploy', '--dry-run', '--minify', '-c', config, '--env', env());
  if (status !== 0) throw new UserError(output);
  console.log(`  ${/gzip: (.+)/.exec(output)?.[1] ?? 'unknown size'} gzipped`);
}

function checkSecrets(config: string): void {
  const required =
    readWrangler({ config: join(root, config), env: env() }, { hideWarnings: true }).secrets?.required ?? [];
  const output = remote('secret', 'list', '--format', 'json', '-c', config, '--env', env());
  console.log(`    expecting ${required.join(', ')}`);
  if (isDryRun) return;
  const set = (JSON.parse(output) as { name: string }[]).map(({ name }) => name);
  const missing = required.filter((name: string) => !set.includes(name));
  if (missing.length > 0) {
    throw new UserError(
      `Missing: ${missing.join(', ')}. Set each: wrangler secret put NAME -c ${config} --env ${env()}`,
    );
  }
}

function makeQueues(): void {
  const [consumer] =
    readWrangler({ config: join(root, 'src/jobs/wrangler.toml'), env: env() }, { hideWarnings: true }).queues
      .consumers ?? [];
  for (const queue of [consumer?.dead_letter_queue, consumer?.queue]) {
    if (queue === undefined)
      throw new UserError('src/jobs/wrangler.toml names no queue for this environment.');
    if (isDryRun || runWrangler('queues', 'info', queue).status !== 0) remote('queues', 'create', queue);
  }
}

async function migrate(): Promise<void> {
  console.log('- migrations');
  const migrations = readMigrations(migrationsFolder);
  console.log(`    npm run migrate:up, over MIGRATE_DATABASE_URL: up to ${migrations.at(-1)?.tag}`);
  if (isDryRun) return;
  const client = await connect(process.env.MIGRATE_DATABASE_URL);
  try {
    for (const tag of await up(client, migrations)) console.log(`  applied ${tag}`);
  } finally {
    await client.end();
  }
}

/** Asks or changes the account; in a dry run it is only shown. */
function remote(...args: string[]): string {
  console.log(`    wrangler ${args.join(' ')}`);
  if (isDryRun) return '';
  const { status, output } = runWrangler(...args);
  if (status !== 0) throw new UserError(output);
  return output;
}
