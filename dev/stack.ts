/**
 * The local stack. `npm run dev` starts the services and the Workers; `npm run dev:services` starts the services for
 * a plain `wrangler dev`. However it ends (a signal, a fault, a dead wrangler), everything that it started is stopped.
 */
import { explain, UserError } from '../tooling/user-error.ts';
import { serveAccess } from './access.ts';
import { startCron } from './cron.ts';
import { reservePort } from './ports.ts';
import { Resources } from './resources.ts';
import { progress, type Services, startServices } from './services.ts';
import { readSettings } from './settings.ts';
import { untilToldToStop } from './stop-signal.ts';
import { startWorkers, untilHealthy, warm } from './workers.ts';

/** Runs until it is stopped, and gives the exit code. */
export async function runStack(part: 'all' | 'services'): Promise<number> {
  const resources = new Resources();
  try {
    await Promise.race([untilToldToStop(), part === 'all' ? serveAll(resources) : serveServices(resources)]);
    return 0;
  } catch (error) {
    console.error(explain(error));
    return 1;
  } finally {
    await resources.close();
  }
}

async function serveAll(resources: Resources): Promise<never> {
  const settings = readSettings();
  const apiPort = await resources.open(() => reservePort('PORT', settings.ports.api));
  const adminPort = await resources.open(() => reservePort('ADMIN_PORT', settings.ports.admin));
  const services = await startServices(resources, settings);
  await apiPort.close();
  progress('the Workers');
  const workers = await resources.open(() => startWorkers({ ...settings, values: services.values }));
  await untilHealthy(workers);
  await warm(workers.url);
  await resources.open(async () => startCron(workers.url));
  await adminPort.close();
  const access = await resources.open(() => serveAccess(settings.ports.admin, workers.url));
  console.log(greeting(workers.url, access.url, services));

  await workers.exited;
  throw new UserError('wrangler ended: see its output above.');
}

async function serveServices(resources: Resources): Promise<never> {
  const { mailbox, database } = await startServices(resources, readSettings());
  console.log(`
  The services are running; .dev.vars and src/jobs/.dev.vars say where.

    Mailbox   ${mailbox}  (every mail it sends)
    Database  ${database}

  Start the Workers beside them:

    npx wrangler dev -c wrangler.toml -c src/jobs/wrangler.toml

  Ctrl-C stops the services.
`);
  return new Promise<never>(() => {});
}

function greeting(api: string, operators: string, { mailbox, database }: Services): string {
  return `
  Gatehouse is running.

    Pages     ${api}  (sign up here)
    Mailbox   ${mailbox}  (the code arrives here, like every mail)
    API docs  ${api}/api-docs
    API       ${api}/api/v1/auth
    Operators ${operators}  (a stand-in for Cloudflare Access lets everybody in)
    Database  ${database}

  The same by hand:

    curl ${api}/api/v1/auth/signup -H 'content-type: application/json' \\
      -d '{"name":"Ada","email":"ada@example.com","password":"a long and quiet river"}'

  Ctrl-C stops all of it.
`;
}
