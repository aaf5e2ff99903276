/** The last mail: the account is gone. Its values are all that is left, so it is rendered before the row goes. */
import type { Template } from '../message.ts';

export type FarewellValues = { name: string };

export const farewell: Template<FarewellValues> = {
  en: ({ name }, { productName }) => ({
    subject: `Your ${productName} account is deleted`,
    preview: 'Everything we held about you is gone, but for what this mail says.',
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph: `Your ${productName} account and what belonged to it are deleted. Security events stay for a while, without your name or address.`,
      },
      { paragraph: 'If it was not you, write to our support. You can sign up again at any time.' },
      { note: 'This is our last mail to you.' },
    ],
  }),
};
