/**
 * The code that proves the new mailbox, sent to the new address. It repeats nothing that a stranger may have chosen.
 */
import type { Template } from '../message.ts';

export type ChangeEmailCodeValues = { code: string; minutes: number };

export const changeEmailCode: Template<ChangeEmailCodeValues> = (values, sentences, { productName }) => {
  const { subject, heading, preview, enterCode, note } = sentences.changeEmailCode(productName, values);
  return {
    subject,
    heading,
    preview,
    blocks: [{ paragraph: enterCode }, { code: values.code }, { note }],
  };
};
