/** Told to the owner when someone signs up with an address that has an account. */
import type { Template } from '../message.ts';

export type AlreadyRegisteredValues = Record<never, never>;

export const alreadyRegistered: Template<AlreadyRegisteredValues> = {
  en: (_values, { productName }) => ({
    subject: `You already have a ${productName} account`,
    preview: 'Somebody tried to sign up with this address. Nothing was changed.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, perhaps you, tried to sign up at ${productName} with this address. It already has an account, so nothing was changed.`,
      },
      {
        paragraph:
          'If it was you, log in with the password you have, or ask for a new one. If not, there is nothing to do.',
      },
    ],
  }),
};
