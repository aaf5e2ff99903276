/** To the old address after a change, with the link that undoes it (ASVS 6.3.7). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EmailChangedOldValues = { event: Occasion | null; undo: { link: string; hours: number } };

export const emailChangedOld: Template<EmailChangedOldValues> = (
  { event, undo },
  sentences,
  { productName },
) => {
  const texts = sentences.emailChanged(productName);
  return {
    subject: texts.subject,
    preview: texts.preview,
    blocks: [
      { paragraph: texts.happened },
      ...occasionBlock(event, sentences),
      { paragraph: texts.undo(undo.hours) },
      { label: sentences.undoButton, link: undo.link },
    ],
  };
};
