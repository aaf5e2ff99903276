/**
 * Proof of the mailbox, for a sign-up. It does not repeat the name: whoever signed up chose it, perhaps a stranger
 * who wants to put words into someone else's mailbox.
 */
import type { Template } from '../message.ts';

/** `code` is null once it has expired on its way; the link lives longer. */
export type VerifyEmailValues = { code: string | null; link: string; minutes: number };

export const verifyEmail: Template<VerifyEmailValues> = {
  en: ({ code, link, minutes }, { productName }) => ({
    subject: code ? `${code} is your ${productName} code` : `Confirm your address for ${productName}`,
    preview: code
      ? `${code}: enter it where you signed up, within ${minutes} minutes.`
      : 'Open the link to finish signing up.',
    blocks: [
      { paragraph: 'Hello,' },
      ...(code
        ? [
            {
              paragraph: `Enter this code where you signed up. It works for ${minutes} minutes from when it was asked for.`,
            },
            { code },
            { paragraph: 'Or open this link and confirm with the password you chose:' },
          ]
        : [{ paragraph: 'Open this link and confirm with the password you chose:' }]),
      { label: 'Confirm your address', link },
      { note: 'If you did not sign up, ignore this mail: without it no account is made.' },
    ],
  }),
};
