/**
 * Sends mail through the HTTP API of Resend. One idempotency key sends one mail, however often it is used, for as long
 * as Resend keeps keys (24 hours). Tracking is off, and a mail has one recipient.
 */
import { Resend } from 'resend';
import { MAIL_TAG, type Message } from '../mail/message.ts';

type Letter = Message & { to: string; from: string; idempotencyKey: string };

export type Delivery =
  /** Without an id when the provider accepted the mail earlier, with other words in it. */
  | { result: 'sent'; providerId: string | null }
  /** Another attempt may succeed. */
  | { result: 'retry'; failure: string; afterSeconds?: number }
  /** Not now: the provider did not look at the mail. */
  | { result: 'throttled'; failure: string; afterSeconds: number }
  /** The provider will never accept this mail. */
  | { result: 'refused'; failure: string };

export type Mailer = { send(letter: Letter): Promise<Delivery> };

type Settings = { resendApiKey: string; resendBaseUrl?: string | undefined; mailTimeoutMs: number };

export function resendMailer({ resendApiKey, resendBaseUrl, mailTimeoutMs }: Settings): Mailer {
  const resend = new Resend(resendApiKey, resendBaseUrl ? { baseUrl: resendBaseUrl } : {});
  return {
    async send({ idempotencyKey, ...letter }) {
      const unsafe = unsafeHeader(letter);
      if (unsafe) return unsafe;
      const signal = AbortSignal.timeout(mailTimeoutMs);
      const tags = [{ name: MAIL_TAG, value: idempotencyKey }];
      const { data, error, headers } = await resend.emails.send(
        { ...letter, tags, headers: AUTOMATIC },
        { idempotencyKey, signal },
      );
      if (error === null) return { result: 'sent', providerId: data.id };
      if (signal.aborted) return { result: 'retry', failure: 'timeout' };
      return judge(error.statusCode, error.name, secondsOf(headers?.['retry-after']));
    },
  };
}

/** No vacation reply or robot answers it (RFC 3834 section 5). */
export const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' };

/** Header injection (CWE-93) is refused here, whatever the provider does about it. */
const CONTROL = /\p{Cc}|\u2028|\u2029/u;

export function unsafeHeader({
  to,
  from,
  subject,
}: Pick<Letter, 'to' | 'from' | 'subject'>): Delivery | undefined {
  if (![to, from, subject].some((value) => CONTROL.test(value))) return undefined;
  return { result: 'refused', failure: 'control character in a header' };
}

/** The waits when the provider names none. A burst is over soon, an exhausted quota is not. */
const THROTTLE_SECONDS = 5;
const QUOTA_SECONDS = 3_600;

/** The message of the provider can quote the mail. So only the status and the name of a failure are kept. */
function judge(status: number | null, name: string, retryAfter: number | undefined): Delivery {
  const failure = `${status ?? 'no answer'} ${name}`.slice(0, 100);
  if (status === 429) {
    const usual = name.endsWith('_quota_exceeded') ? QUOTA_SECONDS : THROTTLE_SECONDS;
    return { result: 'throttled', failure, afterSeconds: retryAfter ?? usual };
  }
  // The key was accepted with other content: an earlier attempt succeeded, and the text has changed since then (its
  // code expired, or a release changed a word). The mail is in the mailbox, and a second one is never sent.
  if (status === 409 && name === 'invalid_idempotent_request') return { result: 'sent', providerId: null };
  if (isPermanent(status)) return { result: 'refused', failure };
  return { result: 'retry', failure, ...(retryAfter !== undefined && { afterSeconds: retryAfter }) };
}

/** 408, and 409 while an earlier call with the same key is running, are temporary. */
const isPermanent = (status: number | null) =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 409;

/** Retry-After (RFC 9110 section 10.2.3) in its form of seconds, which is the one Resend sends. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
