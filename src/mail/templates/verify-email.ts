/**
 * The proof of the mailbox for a sign-up. It does not repeat the name: a stranger may have chosen it, to put words
 * into the mailbox of somebody else.
 */
import type { Template } from '../message.ts';

/** `code` is null when it has expired before the mail was sent. The link works longer. */
export type VerifyEmailValues = { code: string | null; link: string; minutes: number };

export const verifyEmail: Template<VerifyEmailValues> = {
  en: ({ code, link, minutes }, { productName }) => ({
    subject: code ? `${code} is your ${productName} code` : `Confirm your address for ${productName}`,
    preview: code
      ? `${code}: enter it within ${minutes} minutes where you signed up.`
      : 'Open the link to finish signing up.',
    blocks: [
      { paragraph: 'Hello,' },
      ...(code
        ? [
            {
              paragraph: `Enter this code where you signed up. It works for ${minutes} minutes after you asked for it.`,
            },
            { code },
            { paragraph: 'Or open this link and confirm with the password you chose:' },
          ]
        : [{ paragraph: 'Open this link and confirm with the password you chose:' }]),
      { label: 'Confirm your address', link },
      { note: 'If you did not sign up, ignore this mail. No account is made without it.' },
    ],
  }),
};
