/** Told after every change of the password, by reset or by its owner (ASVS 6.3.7). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type PasswordChangedValues = { event: Occasion | null };

export const passwordChanged: Template<PasswordChangedValues> = {
  en: ({ event }, { productName }) => ({
    subject: `Your ${productName} password was changed`,
    preview: 'If it was you, there is nothing to do.',
    blocks: [
      { paragraph: 'Hello,' },
      { paragraph: 'The password of your account was changed.' },
      ...occasionBlock(event),
      {
        paragraph:
          'If it was you, there is nothing to do. If not, ask for a new password at once: that ends every session, also the one of whoever did this.',
      },
    ],
  }),
};
