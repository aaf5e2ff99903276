/** Told after a login from a device that the account has not been used on before (ASVS 6.3.5). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type NewDeviceValues = { event: Occasion | null };

export const newDevice: Template<NewDeviceValues> = {
  en: ({ event }, { productName }) => ({
    subject: `New login to your ${productName} account`,
    preview: 'From a device we have not seen before.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'Somebody logged in to your account with your password, from a device we have not seen before.',
      },
      ...occasionBlock(event),
      {
        paragraph:
          'If it was you, there is nothing to do. If not, change your password: that ends the other sessions.',
      },
    ],
  }),
};
