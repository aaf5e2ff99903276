/**
 * The doorbell of the mail consumer. A ring that fails loses nothing, for the outbox row is committed and the
 * sweep rings for it: so it never fails the work it belongs to, and is only noted.
 */
import type { MailJob } from '../config/bindings.ts';
import type { JobsConfig } from '../config/read.ts';
import { writeLog } from './log.ts';

export type Doorbell = { send(job: MailJob, options?: QueueSendOptions): Promise<void> };

/** `requestId` is of the request that rings; the jobs Worker has none. */
export function mailDoorbell(
  queue: Pick<Queue<MailJob>, 'send'>,
  { logLevel }: Pick<JobsConfig, 'logLevel'>,
  requestId?: string,
): Doorbell {
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
