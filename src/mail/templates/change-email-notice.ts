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

export const changeEmailNotice: Template<ChangeEmailNoticeValues> = {
  en: ({ cancelLink, event }, { productName }) => ({
    subject: `A new address for your ${productName} account?`,
    preview: 'If you did not ask for it, stop it with the link.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph: `Somebody, hopefully you, asked to give your account another address. We mailed a code to that address. The change is made when the code is entered.`,
      },
      ...occasionBlock(event),
      {
        paragraph:
          'If it was you, you need not do anything here. If not, stop the change, and then change your password:',
      },
      { label: 'Stop the change', link: cancelLink },
    ],
  }),
};
