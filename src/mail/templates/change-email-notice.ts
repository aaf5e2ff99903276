/**
 * Told to the old address when a change is asked for, with a link that stops it. It does not say which address was
 * asked for: the same notice goes out when that address has an account already and nothing waits.
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
        paragraph: `Somebody, hopefully you, asked to give your account another address. It changes once a code that is sent there comes back.`,
      },
      ...occasionBlock(event),
      { paragraph: 'If it was you, there is nothing to do here. If not, stop it and change your password:' },
      { label: 'Stop the change', link: cancelLink },
    ],
  }),
};
