/** To both addresses, the old and the new, after a change of address (ASVS 6.3.7). Only the old one can undo it. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EmailChangedValues = { event: Occasion | null; undo: { link: string; hours: number } | null };

export const emailChanged: Template<EmailChangedValues> = {
  en: ({ event, undo }, { productName }) => ({
    subject: `Your ${productName} address was changed`,
    preview: 'Log in with the new address from now on.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'Your account has a new address. Log in with it from now on. We will write only to that address. All other sessions have ended.',
      },
      ...occasionBlock(event),
      ...(undo
        ? [
            {
              paragraph: `If it was not you, undo it within ${undo.hours} hours after the change. The account then gets this address back, everybody is logged out, and you choose a new password:`,
            },
            { label: 'Undo the change', link: undo.link },
          ]
        : [{ paragraph: 'If it was not you, write to our support at once.' }]),
    ],
  }),
};
