/**
 * Queues a mail for the jobs Worker. A failure loses nothing, since the outbox row is committed and the sweep finds
 * it. So it is only logged, and never fails the request.
 */
import type { MailJob } from '../config/bindings.ts';
import type { JobsConfig } from '../config/read.ts';
import { writeLog } from './log.ts';

type MailQueue = { send(job: MailJob, options?: QueueSendOptions): Promise<void> };

/** `requestId` is that of the request. The jobs Worker has none. */
export function openMailQueue(
  queue: Pick<Queue<MailJob>, 'send'>,
  { logLevel }: Pick<JobsConfig, 'logLevel'>,
  requestId?: string,
): MailQueue {
  return {
    async send(job, options) {
      try {
        await queue.send(job, options);
      } catch (error) {
        const fields = { requestId, mailId: job.id, error: error instanceof Error ? error.name : 'unknown' };
        writeLog(logLevel, 'warn', { event: 'mail.enqueue_failed', ...fields });
      }
    },
  };
}
