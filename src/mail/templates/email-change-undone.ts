/** To both addresses, after a change of address was undone from the old mailbox. */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type EmailChangeUndoneValues = { event: Occasion | null };

export const emailChangeUndone: Template<EmailChangeUndoneValues> = {
  en: ({ event }, { productName }) =>
    notice(
      {
        subject: `The change of your ${productName} address was undone`,
        preview: 'The account has its old address again, and needs a new password.',
        happened: [
          'Hello,',
          'The change of address was undone from the old mailbox. The account has its old address again. Everybody is logged out, and the password no longer works.',
        ],
        advice:
          'To log in again, choose "Forgot your password?" and enter the old address. A link will be mailed to it.',
      },
      event,
    ),
};
