/** The link that sets a new password. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type ResetPasswordValues = { link: string; minutes: number; event: Occasion | null };

export const resetPassword: Template<ResetPasswordValues> = {
  en: ({ link, minutes, event }, { productName }) => ({
    subject: `Set a new ${productName} password`,
    preview: `The link works once, for ${minutes} minutes.`,
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, hopefully you, asked for a new password. This link works once, for ${minutes} minutes after you asked for it:`,
      },
      { label: 'Set a new password', link },
      { paragraph: 'After that, all your devices are logged out.' },
      ...occasionBlock(event),
      { note: 'If you did not ask for it, ignore this mail. Your password stays as it is.' },
    ],
  }),
};
