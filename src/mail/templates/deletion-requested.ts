/**
 * Told when an account is to be deleted whose address was changed lately: it is closed at once, and erased when the old
 * mailbox can no longer undo the change. The old mailbox gets the link.
 */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type DeletionRequestedValues = {
  event: Occasion | null;
  undo: { link: string; hours: number } | null;
  hours: number;
};

export const deletionRequested: Template<DeletionRequestedValues> = {
  en: ({ event, undo, hours }, { productName }) => ({
    subject: `Your ${productName} account is closed`,
    preview: `What we hold is erased ${hours} hours after the change of address.`,
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, hopefully you, deleted your ${productName} account. It is closed: nobody can log in. Since its address was changed a short time ago, what we hold is erased ${hours} hours after that change and not before.`,
      },
      ...occasionBlock(event),
      ...(undo
        ? [
            {
              paragraph:
                'If you did not change the address, undo the change: the account then comes back to this address, and you choose a new password.',
            },
            { label: 'Undo the change', link: undo.link },
          ]
        : [{ note: 'The address it had before has a link that brings it back until then.' }]),
    ],
  }),
};
