/**
 * The services that the Workers need, on this machine: mailbox, database, Redis. While they run, the `.dev.vars` of
 * the Workers have their addresses.
 */
import { join } from 'node:path';
import { serveUpstash } from '../selfhost/gateway/upstash.ts';
import { listMails } from '../src/store/outbox-admin.ts';
import { lockCheckout } from '../tooling/lock.ts';
import { devVarsFile, mailFile, root } from '../tooling/paths.ts';
import { noteDatabase, openAddress } from '../tooling/stack-note.ts';
import { openDatabase } from './database.ts';
import { lendSettings } from './env-files.ts';
import { reservePort } from './ports.ts';
import { inProcessRedis } from './redis.ts';
import { type OutboxView, serveMailbox } from './resend.ts';
import type { Resources } from './resources.ts';
import { LOCAL_REDIS_URL, type Settings } from './settings.ts';

/** `values` are the settings, with the addresses of the started services. */
export type Services = { values: Settings['values']; mailbox: string; database: string };

export async function startServices(resources: Resources, { ports, values }: Settings): Promise<Services> {
  const mailboxPort = await resources.open(() => reservePort('MAILBOX_PORT', ports.mailbox));
  await resources.open(lockCheckout);

  await mailboxPort.close();
  progress('mailbox');
  let outbox: OutboxView = async () => [];
  const mailbox = await resources.open(() =>
    serveMailbox({ port: ports.mailbox, file: mailFile, outbox: () => outbox() }),
  );
  progress('database');
  const database = await resources.open(() => openDatabase(values));
  const address = { databaseUrl: database.url, neonHttpUrl: database.neonHttpUrl || undefined };
  await resources.open(async () => noteDatabase(address));
  const db = openAddress(address);
  outbox = () => listMails(db, {}, 200);

  progress('Redis');
  const redisUrl = await redisOf(resources, values.UPSTASH_REDIS_REST_URL);
  const reached = {
    ...values,
    DATABASE_URL: database.url,
    NEON_HTTP_URL: database.neonHttpUrl,
    UPSTASH_REDIS_REST_URL: redisUrl,
  };
  await resources.open(async () => lendSettings(devVarsFile, 'api', reached));
  await resources.open(async () => lendSettings(join(root, 'src/jobs/.dev.vars'), 'jobs', reached));
  await resources.open(async () => lendSettings(join(root, 'src/admin/.dev.vars'), 'admin', reached));
  return { values: reached, mailbox: mailbox.url, database: database.description };
}

/** Prints what is being started, so that a waiting developer sees progress. */
export const progress = (what: string): void => console.log(`  Starting ${what} ...`);

/** The Redis of the settings, or one inside of this process, whose counters end with the stack. */
async function redisOf(resources: Resources, url: string): Promise<string> {
  if (url !== LOCAL_REDIS_URL) return url;
  const backend = await inProcessRedis();
  // The first script is slow, and the limiter waits only for a short time.
  await backend.command('EVAL', 'return 1', '0');
  return (await resources.open(async () => serveUpstash({ backend }))).url;
}
