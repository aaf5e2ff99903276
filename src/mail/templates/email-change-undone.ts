/** Told to both addresses once a change of address was undone from the old mailbox. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EmailChangeUndoneValues = { event: Occasion | null };

export const emailChangeUndone: Template<EmailChangeUndoneValues> = {
  en: ({ event }, { productName }) => ({
    subject: `The change of your ${productName} address was undone`,
    preview: 'The account has its old address again, and needs a new password.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'The change of address was undone from the old mailbox. The account has its old address again, everybody is logged out, and the password no longer works.',
      },
      ...occasionBlock(event),
      {
        paragraph:
          'To log in again, choose "Forgot your password?" and enter the old address: the link goes there.',
      },
    ],
  }),
};
