/** After every change of the password, by reset or by its owner (ASVS 6.3.7). */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type PasswordChangedValues = { event: Occasion | null };

export const passwordChanged: Template<PasswordChangedValues> = {
  en: ({ event }, { productName }) =>
    notice(
      {
        subject: `Your ${productName} password was changed`,
        preview: 'If it was you, you need not do anything.',
        happened: ['Hello,', 'The password of your account was changed.'],
        advice:
          'If it was you, you need not do anything. If not, ask for a new password at once. That ends every session, also the one of the person who did this.',
      },
      event,
    ),
};
