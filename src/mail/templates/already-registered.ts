/** To the owner of an address, when somebody signs up with it. */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';

export type AlreadyRegisteredValues = Record<never, never>;

export const alreadyRegistered: Template<AlreadyRegisteredValues> = {
  en: (_values, { productName }) =>
    notice({
      subject: `You already have a ${productName} account`,
      preview: 'Somebody tried to sign up with this address. Nothing was changed.',
      happened: [
        'Hello,',
        `Somebody, perhaps you, tried to sign up at ${productName} with this address. It has an account already, so nothing was changed.`,
      ],
      advice:
        'If it was you, log in with your password, or ask for a new one. If not, you need not do anything.',
    }),
};
