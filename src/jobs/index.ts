/** The jobs Worker: the queue's consumer. Configuration is read while the module loads, as in api.ts. */
import { env } from 'cloudflare:workers';
import { type MailJob, readJobsConfig } from '../env.ts';
import { resendMailer } from '../ports/mailer.ts';
import { openDb } from '../store/db.ts';
import { deliver, type JobsDeps } from './deliver.ts';
import { observed } from './observed.ts';

const config = readJobsConfig(env as unknown as Record<string, unknown>);
const deps: JobsDeps = { config, db: openDb(config), mailer: resendMailer(config), now: () => new Date() };

export default {
  queue: (batch, _env, context) =>
    observed(config, context, 'mail.batch', async () => {
      const { messages } = batch;
      const again = await deliver(
        deps,
        messages.map(({ body }) => body.id),
      );
      for (const message of messages) {
        if (again.has(message.body.id)) message.retry({ delaySeconds: backoffSeconds(message.attempts) });
        else message.ack();
      }
      return { messages: messages.length, again: again.size };
    }),
} satisfies ExportedHandler<unknown, MailJob>;

/** Doubles with every attempt: 2, 4, 8 s by default. */
const backoffSeconds = (attempts: number) => config.mailBackoffSeconds * 2 ** (attempts - 1);
