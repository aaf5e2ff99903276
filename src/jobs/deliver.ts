/**
 * Delivers one batch: claims the mails in one statement, renders and sends a limited number at a time, and records all
 * outcomes in one statement. A mail is claimed by one consumer at a time, and its id is the idempotency key for the
 * provider. So it is sent once, even if five messages or two batches name it.
 */
import { inParallel } from '../lib/concurrency.ts';
import { later } from '../lib/time.ts';
import { compose } from '../mail/compose.ts';
import type { Delivery } from '../ports/mailer.ts';
import { MAX_ATTEMPTS, type MailOutcome, settleMails } from '../store/outbox.ts';
import { type ClaimedMail, claimMails } from '../store/outbox-claim.ts';
import type { JobsDeps } from './deps.ts';

/** How long a queue message may wait (Cloudflare Queues: 12 hours). */
const MAX_DELAY_SECONDS = 43_200;
/** Added to the lease, beyond the slowest sending, for the statements before and after. */
const LEASE_MARGIN_SECONDS = 30;

/** Which messages must be delivered again, and when. A mail that is not in it does not need its message any more. */
export type Redelivery = Map<string, { afterSeconds: number }>;

export async function deliver(deps: JobsDeps, ids: string[]): Promise<Redelivery> {
  const { db, config } = deps;
  const started = deps.now();
  const { claimed, spent } = await claimMails(db, ids, leaseEnd(deps, ids.length, started), started);
  const throttle: Throttle = { seconds: undefined };
  const sendings = await inParallel(config.mailConcurrency, claimed, async (mail) => ({
    mail,
    delivery: await send(deps, mail, throttle),
  }));
  if (sendings.length > 0) await settle(deps, sendings);
  const again = sendings
    .filter(({ delivery }) => delivery.result === 'retry')
    .map(({ mail, delivery }) => [mail.id, { afterSeconds: backOff(deps, mail, delivery) }] as const);
  // A mail without an attempt left goes on to the dead letter, where it is given up.
  return new Map([...again, ...spent.map((id) => [id, { afterSeconds: 0 }] as const)]);
}

/** The lease lasts as long as this consumer may still be sending. */
function leaseEnd({ config }: JobsDeps, mails: number, now: Date): Date {
  const rounds = Math.ceil(mails / config.mailConcurrency);
  return later(now, (rounds * config.mailTimeoutMs) / 1_000 + LEASE_MARGIN_SECONDS);
}

type Outcome = Delivery | { result: 'skipped'; failure: string };
type Sending = { mail: ClaimedMail; delivery: Outcome };
/** When the provider says "not now", the rest of the batch is not sent to it. */
type Throttle = { seconds: number | undefined };

async function send({ config, mailer }: JobsDeps, mail: ClaimedMail, throttle: Throttle): Promise<Outcome> {
  if (mail.isSuppressed) return { result: 'skipped', failure: 'suppressed' };
  if (throttle.seconds !== undefined) {
    return { result: 'throttled', failure: 'held back', afterSeconds: throttle.seconds };
  }
  try {
    const message = compose(mail, config);
    if (message === undefined) return staleness(mail);
    const letter = { ...message, to: mail.to, from: config.mailFrom, idempotencyKey: mail.id };
    const delivery = await mailer.send(letter);
    if (delivery.result === 'throttled') throttle.seconds = delivery.afterSeconds;
    return delivery;
  } catch (error) {
    // One mail that cannot be rendered must not stop the others. The next release may be able to render it.
    return { result: 'retry', failure: `fault ${error instanceof Error ? error.name : 'unknown'}` };
  }
}

/**
 * A stale mail is not true any more, often because an earlier attempt arrived and its link was used. It then counts as
 * sent.
 */
const staleness = ({ isFateUnknown }: ClaimedMail): Outcome =>
  isFateUnknown ? { result: 'sent', providerId: null } : { result: 'skipped', failure: 'stale' };

/**
 * Doubles with each attempt: 2, 4, 8 s by default. Up to half as much is added, so that mails which failed together
 * are not tried together again; the share comes from the random id of the mail. If the provider asks for a longer
 * wait, it gets that.
 */
function backOff({ config }: JobsDeps, { id, attempts }: ClaimedMail, delivery: Outcome): number {
  if (attempts >= MAX_ATTEMPTS) return 0;
  const requested = 'afterSeconds' in delivery ? (delivery.afterSeconds ?? 0) : 0;
  const share = Number.parseInt(id.slice(-4), 16) / 0xffff;
  const own = Math.round(config.mailBackoffSeconds * 2 ** (attempts - 1) * (1 + share / 2));
  return Math.min(Math.max(own, requested), MAX_DELAY_SECONDS);
}

async function settle(deps: JobsDeps, sendings: Sending[]): Promise<void> {
  const now = deps.now();
  await settleMails(
    deps.db,
    sendings.map((sending) => outcomeOf(deps, sending, now)),
    now,
  );
  for (const { mail, delivery } of sendings) {
    if (delivery.result === 'refused') {
      const { id: mailId, kind, attempts } = mail;
      deps.report({ event: 'mail.refused', mailId, kind, attempts, failure: delivery.failure });
    }
    // A new message: waiting must not use up the deliveries of the old one.
    if (delivery.result === 'throttled') {
      await deps.mailQueue.send({ id: mail.id }, { delaySeconds: waitOf(delivery.afterSeconds) });
    }
  }
  const count = (result: Outcome['result']) =>
    sendings.filter(({ delivery }) => delivery.result === result).length;
  deps.report({
    event: 'mail.batch',
    sent: count('sent'),
    skipped: count('skipped'),
    again: count('retry'),
    throttled: count('throttled'),
    failed: count('refused'),
  });
}

const waitOf = (seconds: number) => Math.min(Math.max(seconds, 1), MAX_DELAY_SECONDS);

function outcomeOf(deps: JobsDeps, { mail, delivery }: Sending, now: Date): MailOutcome {
  const { id, attempts } = mail;
  const base = { id, attempts, providerId: null, dueAt: null, isCounted: true };
  switch (delivery.result) {
    case 'sent':
      return { ...base, status: 'sent', providerId: delivery.providerId, failure: null };
    case 'skipped':
      return { ...base, status: 'skipped', failure: delivery.failure };
    case 'refused':
      return { ...base, status: 'failed', failure: delivery.failure };
    case 'retry': {
      const dueAt = later(now, backOff(deps, mail, delivery));
      return { ...base, status: 'pending', failure: delivery.failure, dueAt };
    }
    case 'throttled': {
      const dueAt = later(now, waitOf(delivery.afterSeconds));
      return { ...base, status: 'pending', failure: delivery.failure, dueAt, isCounted: false };
    }
  }
}
