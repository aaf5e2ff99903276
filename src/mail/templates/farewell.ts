/** The last mail. It says no name: by the time it is written there is none any more. */
import type { Template } from '../message.ts';

export type FarewellValues = Record<never, never>;

export const farewell: Template<FarewellValues> = {
  en: (_values, { productName }) => ({
    subject: `Your ${productName} account is deleted`,
    preview: 'Everything we held about you is gone, but for what this mail says.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Your ${productName} account and what belonged to it are deleted. Security events stay for a while, without your name or address.`,
      },
      { paragraph: 'If it was not you, write to our support. You can sign up again at any time.' },
      { note: 'This is our last mail to you.' },
    ],
  }),
};
