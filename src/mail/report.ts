/**
 * Reads the webhook of the mail provider: what became of a mail. Other events, and events about mail that is not ours,
 * give undefined.
 */
import * as z from 'zod';
import { canonicalEmail } from '../lib/email-address.ts';
import { MAIL_TAG } from './message.ts';

export type MailReport = {
  mailId: string;
  report: 'delivered' | 'bounced' | 'complained';
  at: Date;
  /** The address that gets no more mail. */
  suppress: string | undefined;
};

const event = z.object({
  type: z.enum(['email.delivered', 'email.bounced', 'email.complained', 'email.suppressed']),
  created_at: z.string().transform((value, context) => {
    const at = new Date(value);
    if (!Number.isNaN(at.getTime())) return at;
    context.addIssue({ code: 'custom', message: 'is no date' });
    return z.NEVER;
  }),
  data: z.object({
    to: z.array(z.string()).length(1),
    tags: z.object({ [MAIL_TAG]: z.uuid() }),
    bounce: z.object({ type: z.string() }).optional(),
  }),
});

export function readReport(payload: unknown): MailReport | undefined {
  const { success, data: parsed } = event.safeParse(payload);
  if (!success) return undefined;
  const { type, created_at: at, data } = parsed;
  const mailId = data.tags[MAIL_TAG];
  const address = canonicalEmail(data.to[0] ?? '');
  switch (type) {
    case 'email.delivered':
      return { mailId, report: 'delivered', at, suppress: undefined };
    case 'email.complained':
      return { mailId, report: 'complained', at, suppress: address };
    // The address is on the provider's own list: it bounced or complained before.
    case 'email.suppressed':
      return { mailId, report: 'bounced', at, suppress: address };
    // A full mailbox or a greylist is temporary and says nothing about the address.
    case 'email.bounced':
      return {
        mailId,
        report: 'bounced',
        at,
        suppress: data.bounce?.type === 'Permanent' ? address : undefined,
      };
  }
}
