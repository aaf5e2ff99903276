/**
 * Delivery of one queue batch: claim in one statement, render, send, record all outcomes in one statement. A row is
 * claimed by one consumer at a time and the provider is given its id as idempotency key, so a message that the
 * queue delivers twice is mailed once.
 */
import type { JobsConfig } from '../env.ts';
import { compose } from '../mail/compose.ts';
import type { Mailer } from '../ports/mailer.ts';
import type { Db } from '../store/db.ts';
import { type ClaimedMail, claimMails, type MailOutcome, settleMails } from '../store/outbox.ts';

export type JobsDeps = { config: JobsConfig; db: Db; mailer: Mailer; now(): Date };

/** The ids that must be delivered again: not sent yet, or in another consumer's hands. */
export async function deliver(deps: JobsDeps, ids: string[]): Promise<Set<string>> {
  const { claimed, busy } = await claimMails(deps.db, ids, deps.now());
  const outcomes = await Promise.all(claimed.map((mail) => send(deps, mail)));
  if (outcomes.length > 0) await settleMails(deps.db, outcomes, deps.now());
  const again = outcomes.filter(({ status }) => status === 'pending');
  return new Set([...busy, ...again.map(({ id }) => id)]);
}

async function send({ config, mailer }: JobsDeps, mail: ClaimedMail): Promise<MailOutcome> {
  const { id, to } = mail;
  const message = compose(mail, config);
  if (message === undefined) return { id, status: 'skipped', providerId: null, failure: 'stale' };
  const delivery = await mailer.send({ ...message, to, from: config.mailFrom, idempotencyKey: id });
  if (delivery.result === 'sent')
    return { id, status: 'sent', providerId: delivery.providerId, failure: null };
  const status = delivery.result === 'refused' ? 'failed' : 'pending';
  return { id, status, providerId: null, failure: delivery.failure };
}
