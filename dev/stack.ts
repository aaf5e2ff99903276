/**
 * The local stack, top to bottom: settings, ports, lock, mailbox, database, Redis, Workers. Whatever ends it, a
 * signal, a fault or a dead wrangler, nothing that it started is left behind.
 */
import { listMails } from '../src/store/outbox-desk.ts';
import { lockCheckout } from '../tooling/lock.ts';
import { mailFile } from '../tooling/paths.ts';
import { noteDatabase, openAddress } from '../tooling/stack-note.ts';
import { explain, UserError } from '../tooling/user-error.ts';
import { startCron } from './cron.ts';
import { openDatabase } from './database.ts';
import { reservePort } from './ports.ts';
import { type OutboxView, serveMailbox } from './resend.ts';
import { Resources } from './resources.ts';
import { EMBEDDED_REDIS_URL, readSettings } from './settings.ts';
import { untilToldToStop } from './stop-signal.ts';
import { inProcessRedis, serveUpstash } from './upstash.ts';
import { startWorkers, untilHealthy } from './workers.ts';

/** Runs until it is told to stop, and answers with the exit code. */
export async function runStack(): Promise<number> {
  const resources = new Resources();
  try {
    await Promise.race([untilToldToStop(), serve(resources)]);
    return 0;
  } catch (error) {
    console.error(explain(error));
    return 1;
  } finally {
    await resources.close();
  }
}

async function serve(resources: Resources): Promise<never> {
  const { ports, values } = readSettings();
  const apiPort = await resources.open(() => reservePort('PORT', ports.api));
  const mailboxPort = await resources.open(() => reservePort('MAILBOX_PORT', ports.mailbox));
  await resources.open(lockCheckout);

  await mailboxPort.close();
  let outbox: OutboxView = async () => [];
  const mailbox = await resources.open(() =>
    serveMailbox({ port: ports.mailbox, file: mailFile, outbox: () => outbox() }),
  );
  const database = await resources.open(() => openDatabase(values));
  const address = { databaseUrl: values.DATABASE_URL, neonHttpUrl: database.neonHttpUrl || undefined };
  await resources.open(async () => noteDatabase(address));
  const db = openAddress(address);
  outbox = () => listMails(db, {}, 200);

  const redisUrl = await redisOf(resources, values.UPSTASH_REDIS_REST_URL);

  await apiPort.close();
  const workers = await resources.open(() =>
    startWorkers({
      ports,
      values: { ...values, NEON_HTTP_URL: database.neonHttpUrl, UPSTASH_REDIS_REST_URL: redisUrl },
    }),
  );
  await untilHealthy(workers);
  await resources.open(async () => startCron(workers.url));
  console.log(greeting(workers.url, mailbox.url, database.description));

  await workers.exited;
  throw new UserError('wrangler ended: see its output above.');
}

/** The Redis that the settings name, or one inside this process: limits then last as long as the stack. */
async function redisOf(resources: Resources, url: string): Promise<string> {
  if (url !== EMBEDDED_REDIS_URL) return url;
  return (await resources.open(async () => serveUpstash({ backend: await inProcessRedis() }))).url;
}

function greeting(api: string, mailbox: string, database: string): string {
  return `
  Gatehouse is running.

    API       ${api}
    API docs  ${api}/api-docs
    Mailbox   ${mailbox}  (every mail it sends)
    Database  ${database}

  Sign up, then read the code in the mailbox:

    curl ${api}/api/v1/auth/signup -H 'content-type: application/json' \\
      -d '{"name":"Ada","email":"ada@example.com","password":"a long and quiet river"}'

  Ctrl-C stops all of it.
`;
}
