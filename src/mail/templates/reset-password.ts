/** The link that sets a new password. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type ResetPasswordValues = { link: string; minutes: number; event: Occasion | null };

export const resetPassword: Template<ResetPasswordValues> = (values, sentences, { productName }) => {
  const { subject, preview, asked, button, after, note } = sentences.resetPassword(productName, values);
  return {
    subject,
    preview,
    blocks: [
      { paragraph: asked },
      { label: button, link: values.link },
      { paragraph: after },
      ...occasionBlock(values.event, sentences),
      { note },
    ],
  };
};
