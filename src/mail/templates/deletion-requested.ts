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

export const deletionRequested: Template<DeletionRequestedValues> = {
  en: ({ event, undo, hours }, { productName }) => ({
    subject: `Your ${productName} account is closed`,
    preview: `Your data is erased ${hours} hours after the change of address.`,
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, hopefully you, deleted your ${productName} account. It is closed: nobody can log in. Because its address was changed a short time ago, your data is erased ${hours} hours after that change.`,
      },
      ...occasionBlock(event),
      ...(undo
        ? [
            {
              paragraph:
                'If you did not change the address, undo the change. The account then gets this address back, and you choose a new password.',
            },
            { label: 'Undo the change', link: undo.link },
          ]
        : [{ note: 'Until then, the old address of the account has a link that opens it again.' }]),
    ],
  }),
};
