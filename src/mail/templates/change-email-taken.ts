/** To the owner of an address, when another account asks for it. The other account is not told. */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';

export type ChangeEmailTakenValues = Record<never, never>;

export const changeEmailTaken: Template<ChangeEmailTakenValues> = {
  en: (_values, { productName }) =>
    notice({
      subject: `You already have a ${productName} account`,
      preview: 'Somebody tried to give this address to another account. Nothing was changed.',
      happened: [
        'Hello,',
        `Somebody, perhaps you, tried to give this address to another ${productName} account. Your account has this address, so nothing was changed.`,
      ],
      advice: 'If it was you, delete one of the two accounts first. If not, you need not do anything.',
    }),
};
