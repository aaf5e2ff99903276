/** After so many failures in a row that unknown devices cannot use the password any more (NIST SP 800-63B-4 3.2.2). */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type PasswordDisabledValues = { event: Occasion | null };

export const passwordDisabled: Template<PasswordDisabledValues> = {
  en: ({ event }, { productName }) =>
    notice(
      {
        subject: `Your ${productName} password is switched off`,
        preview: 'Somebody tried too many wrong passwords. Nobody got in.',
        happened: [
          'Hello,',
          'Somebody tried many wrong passwords for your account. Nobody got in. For your safety, the password now works only on devices that have logged in before. Devices that are logged in stay logged in.',
        ],
        advice: 'To log in on a new device, choose a new password: ask for it with "forgot password".',
      },
      event,
    ),
};
