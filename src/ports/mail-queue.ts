/**
 * The doorbell of the mail consumer. A ring that fails loses nothing, for the outbox row is committed and the
 * sweep rings for it: so it never fails the work it belongs to, and is only noted.
 */
import type { MailJob } from '../env.ts';

export type Doorbell = { send(job: MailJob, options?: QueueSendOptions): Promise<void> };

export function mailDoorbell(queue: Pick<Queue<MailJob>, 'send'>): Doorbell {
  return {
    async send(job, options) {
      try {
        await queue.send(job, options);
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        console.warn(
          JSON.stringify({ level: 'warn', event: 'mail.enqueue_failed', mailId: job.id, error: name }),
        );
      }
    },
  };
}
