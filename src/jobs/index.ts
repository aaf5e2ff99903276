/** The jobs Worker: the queue's consumer and the sweep. Configuration is read while the module loads, as in api.ts. */
import { env } from 'cloudflare:workers';
import { type JobsBindings, readJobsConfig } from '../env.ts';
import { mailDoorbell } from '../ports/mail-queue.ts';
import { resendMailer } from '../ports/mailer.ts';
import { openDb } from '../store/db.ts';
import { consume } from './consume.ts';
import type { JobsDeps } from './deps.ts';
import { report } from './report.ts';
import { sweep } from './sweep.ts';

const bindings = env as unknown as JobsBindings & Record<string, unknown>;
const config = readJobsConfig(bindings);
const deps: JobsDeps = {
  config,
  db: openDb(config),
  mailer: resendMailer(config),
  mailQueue: {
    send: mailDoorbell(bindings.MAIL_QUEUE).send,
    sendBatch: (jobs) => bindings.MAIL_QUEUE.sendBatch(jobs),
  },
  now: () => new Date(),
  report,
};

export default {
  queue: (batch) => consume(deps, batch),
  scheduled: () => sweep(deps),
} satisfies ExportedHandler<unknown, unknown>;
