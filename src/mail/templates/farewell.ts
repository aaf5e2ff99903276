/** The last mail of an account. It has no name in it, because the name is deleted by then. */
import type { Template } from '../message.ts';

export type FarewellValues = Record<never, never>;

export const farewell: Template<FarewellValues> = {
  en: (_values, { productName }) => ({
    subject: `Your ${productName} account is deleted`,
    preview: 'Your data is deleted, except for what this mail says.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Your ${productName} account and everything in it are deleted. Security events are kept for a while, without your name or address.`,
      },
      { paragraph: 'If it was not you, write to our support. You can sign up again at any time.' },
      { note: 'This is our last mail to you.' },
    ],
  }),
};
