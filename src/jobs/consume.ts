/**
 * Takes queue messages, and acknowledges or retries each one by itself. A message that names no mail goes to the dead
 * letter queue without stopping its batch, and is logged there without its content.
 */
import { validate as isUuid } from 'uuid';
import { faultOf } from '../lib/fault.ts';
import { isDatabaseUnavailable } from '../store/db.ts';
import { bury } from './dead-letter.ts';
import { deliver } from './deliver.ts';
import type { JobsDeps } from './deps.ts';

const DEAD_LETTER = /-dead$/;

export async function consume(deps: JobsDeps, batch: MessageBatch<unknown>): Promise<void> {
  const isDeadLetter = DEAD_LETTER.test(batch.queue);
  const messages = batch.messages.flatMap((message) => {
    const id = idOf(message.body);
    if (id === undefined) refuse(deps, isDeadLetter, message);
    return id === undefined ? [] : [{ message, id }];
  });
  const ids = [...new Set(messages.map(({ id }) => id))];
  if (ids.length === 0) return;
  try {
    const again = isDeadLetter ? await bury(deps, ids).then(() => undefined) : await deliver(deps, ids);
    for (const { message, id } of messages) {
      const redelivery = again?.get(id);
      if (redelivery === undefined) message.ack();
      else message.retry({ delaySeconds: redelivery.afterSeconds });
    }
  } catch (error) {
    deps.report({
      event: 'jobs.fault',
      job: isDeadLetter ? 'dead_letter' : 'deliver',
      fault: faultOf(error),
      isOutage: isDatabaseUnavailable(error),
    });
    for (const { message } of messages) {
      message.retry({ delaySeconds: isDeadLetter ? 60 : backOffAfterFault(deps, message.attempts) });
    }
  }
}

/**
 * These deliveries belong to the queue, and no mail counts them as attempts. After the last one the sweep finds the
 * mail.
 */
const backOffAfterFault = ({ config }: JobsDeps, attempts: number) =>
  Math.min(config.mailBackoffSeconds * 2 ** (attempts - 1), 3_600);

const idOf = (body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || !('id' in body)) return undefined;
  return typeof body.id === 'string' && isUuid(body.id) ? body.id : undefined;
};

function refuse(deps: JobsDeps, isDeadLetter: boolean, message: Message<unknown>): void {
  if (!isDeadLetter) {
    message.retry({ delaySeconds: 0 });
    return;
  }
  const bytes = JSON.stringify(message.body)?.length ?? 0;
  deps.report({ event: 'queue.poison', messageId: message.id, bytes });
  message.ack();
}
