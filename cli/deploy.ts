/**
 * `deploy staging|production [--dry-run]`: every step, in an order that keeps the running version working. It checks
 * the settings in each wrangler.toml, builds both bundles, and checks secrets and queues. Then it runs the migrations,
 * deploys the jobs Worker (which must know what the new API writes), then the API, and with --admin the admin Worker. A failed step ends it. With
 * --dry-run nothing outside of this machine is asked or changed; each command is shown instead.
 */
import { Argument, type Command } from 'commander';
import {
  adminWorker,
  type DeployedWorker,
  deployedWorkers,
  deploymentFaults,
  linkFaults,
} from '../tooling/deployment.ts';
import { readMigrations, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { UserError } from '../tooling/user-error.ts';
import { readWranglerConfig, runWrangler } from '../tooling/wrangler.ts';
import { answer, type Output } from './command.ts';
import { connect } from './connection.ts';

type Deployment = {
  environment: string;
  isDryRun: boolean;
  workers: readonly DeployedWorker[];
  output: Output;
};

export function addDeploy(program: Command): void {
  const command = program
    .command('deploy')
    .description('migrate an environment and deploy the API and the jobs Worker to it')
    .addArgument(new Argument('<environment>').choices(['staging', 'production']))
    .option('--admin', 'deploy the admin Worker too')
    .option('--dry-run', 'check and build everything and show each command, but change nothing');
  answer<{ dryRun?: true; admin?: true }, [string]>(command, async (output, options, environment) => {
    const isDryRun = options.dryRun === true;
    const workers = options.admin ? [...deployedWorkers, adminWorker] : deployedWorkers;
    await deploy({ environment, isDryRun, workers, output });
    output.line('Next: npm run smoke -- https://the-address-of-the-API');
    return { environment, isDryRun };
  });
}

async function deploy(to: Deployment): Promise<void> {
  const step = (what: string) => to.output.line(`- ${what}`);
  for (const worker of to.workers) {
    step(`settings of the ${worker.name} Worker`);
    await judge(to, worker);
  }
  await judgeLinks(to);
  for (const { name, config } of to.workers) {
    step(`bundle of the ${name} Worker`);
    bundle(to, config);
  }
  for (const { name, config } of to.workers) {
    step(`secrets of the ${name} Worker`);
    await checkSecrets(to, config);
  }
  step('queues');
  await makeQueues(to);
  step('migrations');
  await migrate(to);
  for (const { name, config } of to.workers) {
    step(`${name} Worker`);
    remote(to, 'deploy', '--minify', '-c', config, '--env', to.environment);
  }
}

async function judge({ environment }: Deployment, { worker, config }: DeployedWorker): Promise<void> {
  const faults = deploymentFaults(worker, environment, await readWranglerConfig(config, environment));
  if (faults.length > 0) throw new UserError(`${config}, [env.${environment}]: ${faults.join('; ')}.`);
}

async function judgeLinks({ environment }: Deployment): Promise<void> {
  const [jobs, api] = await Promise.all(
    deployedWorkers.map(({ config }) => readWranglerConfig(config, environment)),
  );
  const faults = api && jobs ? linkFaults(api, jobs) : [];
  if (faults.length > 0) throw new UserError(`[env.${environment}]: ${faults.join('; ')}.`);
}

function bundle({ environment, output }: Deployment, config: string): void {
  const built = runWrangler('deploy', '--dry-run', '--minify', '-c', config, '--env', environment);
  if (built.status !== 0) throw new UserError(built.output);
  output.line(`  ${/gzip: (.+)/.exec(built.output)?.[1] ?? 'unknown size'} gzipped`);
}

async function checkSecrets(to: Deployment, config: string): Promise<void> {
  const { environment, isDryRun, output } = to;
  const { secrets } = await readWranglerConfig(config, environment);
  const required = secrets?.required ?? [];
  const list = remote(to, 'secret', 'list', '--format', 'json', '-c', config, '--env', environment);
  output.line(`    expecting ${required.join(', ')}`);
  if (isDryRun) return;
  const set = (JSON.parse(list) as { name: string }[]).map(({ name }) => name);
  const missing = required.filter((name: string) => !set.includes(name));
  if (missing.length > 0) {
    throw new UserError(
      `Missing: ${missing.join(', ')}. Set each: wrangler secret put NAME -c ${config} --env ${environment}`,
    );
  }
}

async function makeQueues(to: Deployment): Promise<void> {
  const { environment, isDryRun } = to;
  const { queues } = await readWranglerConfig('src/jobs/wrangler.toml', environment);
  const [consumer] = queues.consumers ?? [];
  for (const queue of [consumer?.dead_letter_queue, consumer?.queue]) {
    if (queue === undefined)
      throw new UserError('src/jobs/wrangler.toml names no queue for this environment.');
    if (isDryRun || runWrangler('queues', 'info', queue).status !== 0) remote(to, 'queues', 'create', queue);
  }
}

async function migrate({ isDryRun, output }: Deployment): Promise<void> {
  const migrations = readMigrations(migrationsFolder);
  output.line(`    npm run migrate:up, over MIGRATE_DATABASE_URL: up to ${migrations.at(-1)?.tag}`);
  if (isDryRun) return;
  const client = await connect(process.env.MIGRATE_DATABASE_URL);
  try {
    for (const tag of await up(client, migrations)) output.line(`  applied ${tag}`);
  } finally {
    await client.end();
  }
}

/** Asks or changes the Cloudflare account. In a dry run the command is only shown. */
function remote({ isDryRun, output }: Deployment, ...args: string[]): string {
  output.line(`    wrangler ${args.join(' ')}`);
  if (isDryRun) return '';
  const answered = runWrangler(...args);
  if (answered.status !== 0) throw new UserError(answered.output);
  return answered.output;
}
