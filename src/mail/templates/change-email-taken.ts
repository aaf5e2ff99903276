/** Told to the owner of an address that another account asked for; whoever asked is told nothing of it. */
import type { Template } from '../message.ts';

export type ChangeEmailTakenValues = Record<never, never>;

export const changeEmailTaken: Template<ChangeEmailTakenValues> = {
  en: (_values, { productName }) => ({
    subject: `You already have a ${productName} account`,
    preview: 'Somebody tried to give another account this address. Nothing was changed.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, perhaps you, tried to give another ${productName} account this address. It is the address of yours, so nothing was changed.`,
      },
      { note: 'If it was you, delete one of the two accounts first. If not, there is nothing to do.' },
    ],
  }),
};
