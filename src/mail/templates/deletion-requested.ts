/**
 * When an account is deleted whose address was changed lately. It is closed at once, and erased when the old mailbox
 * can no longer undo the change. The mail to the old mailbox has the link that undoes it.
 */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type DeletionRequestedValues = {
  event: Occasion | null;
  undo: { link: string; hours: number } | null;
  hours: number;
};

export const deletionRequested: Template<DeletionRequestedValues> = (values, sentences, { productName }) => {
  const { event, undo } = values;
  const texts = sentences.deletionRequested(productName, values);
  return {
    subject: texts.subject,
    preview: texts.preview,
    blocks: [
      { paragraph: texts.happened },
      ...occasionBlock(event, sentences),
      ...(undo
        ? [{ paragraph: texts.undo }, { label: sentences.undoButton, link: undo.link }]
        : [{ note: texts.note }]),
    ],
  };
};
