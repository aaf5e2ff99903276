/**
 * The code that proves the new mailbox, sent to the new address. It repeats nothing that a stranger may have chosen.
 */
import type { Template } from '../message.ts';

export type ChangeEmailCodeValues = { code: string; minutes: number };

export const changeEmailCode: Template<ChangeEmailCodeValues> = {
  en: ({ code, minutes }, { productName }) => ({
    subject: `${code} is your ${productName} code`,
    preview: `${code}: enter it within ${minutes} minutes to confirm your new address.`,
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Enter this code to use this address for your ${productName} account. The code works for ${minutes} minutes after you asked for it.`,
      },
      { code },
      { note: 'If you did not ask for it, ignore this mail. Without the code nothing changes.' },
    ],
  }),
};
