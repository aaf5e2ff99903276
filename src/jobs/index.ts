/**
 * The jobs Worker: the consumer of the queue, and the sweep. It reads its configuration while the module loads, as
 * api.ts does.
 */
import { env, waitUntil } from 'cloudflare:workers';
import type { JobsBindings } from '../config/bindings.ts';
import { readJobsConfig } from '../config/read.ts';
import { openMailQueue } from '../ports/mail-queue.ts';
import { resendMailer } from '../ports/mailer.ts';
import { openDb } from '../store/db.ts';
import { consume } from './consume.ts';
import type { JobsDeps } from './deps.ts';
import { countEvent } from './metrics.ts';
import { observed } from './observed.ts';
import { reportTo } from './report.ts';
import { runSchedule } from './schedule.ts';

const bindings = env as unknown as JobsBindings & Record<string, unknown>;
const config = readJobsConfig(bindings);
const log = reportTo(config, waitUntil);
const deps: JobsDeps = {
  config,
  db: openDb(config),
  mailer: resendMailer(config),
  mailQueue: {
    send: openMailQueue(bindings.MAIL_QUEUE, config).send,
    sendBatch: (jobs) => bindings.MAIL_QUEUE.sendBatch(jobs),
  },
  now: () => new Date(),
  report: (event) => {
    log(event);
    countEvent(bindings.METRICS, event);
  },
};

export default {
  queue: (batch, _env, context) =>
    observed(
      config,
      context,
      'queue.batch',
      async () => {
        await consume(deps, batch);
        return { messages: batch.messages.length };
      },
      bindings.METRICS,
    ),
  scheduled: (_controller, _env, context) =>
    observed(config, context, 'jobs.sweep', () => runSchedule(deps), bindings.METRICS),
} satisfies ExportedHandler<unknown, unknown>;
