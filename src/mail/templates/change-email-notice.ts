/**
 * To the old address, when a change is requested, with a link that stops it. It does not name the new address. The
 * same notice is sent when the new address has an account already and no change waits.
 */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type ChangeEmailNoticeValues = {
  cancelLink: string;
  event: Occasion | null;
};

export const changeEmailNotice: Template<ChangeEmailNoticeValues> = (
  { cancelLink, event },
  sentences,
  { productName },
) => {
  const { subject, preview, happened, advice, button } = sentences.changeEmailNotice(productName);
  return {
    subject,
    preview,
    blocks: [
      { paragraph: happened },
      ...occasionBlock(event, sentences),
      { paragraph: advice },
      { label: button, link: cancelLink },
    ],
  };
};
