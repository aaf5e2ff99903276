/** Proof of the new mailbox, sent to the new address. Like a sign-up's mail it repeats nothing a stranger chose. */
import type { Template } from '../message.ts';

export type ChangeEmailCodeValues = { code: string; minutes: number };

export const changeEmailCode: Template<ChangeEmailCodeValues> = {
  en: ({ code, minutes }, { productName }) => ({
    subject: `${code} is your ${productName} code`,
    preview: `${code}: enter it to confirm your new address, within ${minutes} minutes.`,
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Enter this code to make this address the one of your ${productName} account. It works for ${minutes} minutes from when it was asked for.`,
      },
      { code },
      { note: 'If you did not ask for it, ignore this mail: nothing changes without the code.' },
    ],
  }),
};
