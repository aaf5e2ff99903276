/** After a login from a device on which the account has not been used before (ASVS 6.3.5). */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type NewDeviceValues = { event: Occasion | null };

export const newDevice: Template<NewDeviceValues> = {
  en: ({ event }, { productName }) =>
    notice(
      {
        subject: `New login to your ${productName} account`,
        preview: 'From a device we have not seen before.',
        happened: [
          'Hello,',
          'Somebody logged in to your account with your password, from a device we have not seen before.',
        ],
        advice:
          'If it was you, you need not do anything. If not, change your password: that ends all other sessions.',
      },
      event,
    ),
};
