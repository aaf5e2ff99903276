/**
 * The proof of the mailbox for a sign-up. It does not repeat the name: a stranger may have chosen it, to put words
 * into the mailbox of somebody else.
 */
import type { Template } from '../message.ts';

/** `code` is null when it has expired before the mail was sent. The link works longer. */
export type VerifyEmailValues = { code: string | null; link: string; minutes: number };

export const verifyEmail: Template<VerifyEmailValues> = (values, sentences, { productName }) => {
  const { code, link } = values;
  const texts = sentences.verifyEmail(productName, values);
  return {
    subject: texts.subject,
    heading: texts.heading,
    preview: texts.preview,
    blocks: [
      ...(code
        ? [{ paragraph: texts.enterCode }, { code }, { paragraph: texts.orOpen }]
        : [{ paragraph: texts.open }]),
      { label: texts.button, link },
      { note: texts.note },
    ],
  };
};
