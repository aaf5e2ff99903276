/** Mail out of the house: Resend's HTTP API. The same idempotency key sends once, however often it is called. */
import { Resend } from 'resend';
import type { Message } from '../mail/message.ts';

export type Letter = Message & { to: string; from: string; idempotencyKey: string };

/** `retry` when another attempt may succeed, `refused` when the provider will never take this letter. */
export type Delivery =
  | { result: 'sent'; providerId: string }
  | { result: 'retry' | 'refused'; failure: string };

export type Mailer = { send(letter: Letter): Promise<Delivery> };

export function resendMailer({
  resendApiKey,
  resendBaseUrl,
}: {
  resendApiKey: string;
  resendBaseUrl?: string | undefined;
}): Mailer {
  const resend = new Resend(resendApiKey, resendBaseUrl ? { baseUrl: resendBaseUrl } : {});
  return {
    async send({ idempotencyKey, ...letter }) {
      const { data, error } = await resend.emails.send(letter, { idempotencyKey });
      if (error === null) return { result: 'sent', providerId: data.id };
      const { statusCode, name } = error;
      // The provider's message can quote the letter: only its name for the failure is kept.
      return {
        result: isPermanent(statusCode) ? 'refused' : 'retry',
        failure: `${statusCode ?? 'no answer'} ${name}`,
      };
    },
  };
}

const isPermanent = (status: number | null) =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 409 && status !== 429;
