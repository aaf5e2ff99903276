/** Told to both addresses, the old and the new, once the account has moved (ASVS 6.3.7). Only the old one can undo it. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EmailChangedValues = { event: Occasion | null; undo: { link: string; hours: number } | null };

export const emailChanged: Template<EmailChangedValues> = {
  en: ({ event, undo }, { productName }) => ({
    subject: `Your ${productName} address was changed`,
    preview: 'The new address is the one to log in with.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'Your account has another address now: it is the one to log in with, and the only one we write to. Other sessions were ended.',
      },
      ...occasionBlock(event),
      ...(undo
        ? [
            {
              paragraph: `If it was not you, undo it within ${undo.hours} hours of the change. The account then comes back to this address, everybody is logged out, and you choose a new password:`,
            },
            { label: 'Undo the change', link: undo.link },
          ]
        : [{ paragraph: 'If it was not you, write to our support at once.' }]),
    ],
  }),
};
