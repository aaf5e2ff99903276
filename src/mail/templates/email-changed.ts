/** Told to the old address once the account has left it (ASVS 6.3.7). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EmailChangedValues = { name: string; event: Occasion | null };

export const emailChanged: Template<EmailChangedValues> = {
  en: ({ name, event }, { productName }) => ({
    subject: `Your ${productName} address was changed`,
    preview: 'Your account has a new address; this one no longer opens it.',
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph:
          'Your account has a new address. This one no longer opens it, and gets no more mail about it.',
      },
      ...occasionBlock(event),
      { paragraph: 'If it was not you, write to our support at once.' },
    ],
  }),
};
