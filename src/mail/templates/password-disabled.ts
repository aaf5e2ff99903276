/** Told when the failures in a row have switched the password off for unknown devices (NIST SP 800-63B-4 3.2.2). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type PasswordDisabledValues = { event: Occasion | null };

export const passwordDisabled: Template<PasswordDisabledValues> = {
  en: ({ event }, { productName }) => ({
    subject: `Your ${productName} password is switched off`,
    preview: 'Somebody tried too many wrong passwords. Nobody got in.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'Somebody has tried wrong passwords for your account so often that it now takes none from a device it does not know. Nobody got in, and devices that are logged in stay so.',
      },
      ...occasionBlock(event),
      { paragraph: 'To log in on a new device, choose a new password: ask for it with "forgot password".' },
    ],
  }),
};
