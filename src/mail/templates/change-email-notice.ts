/** Told to the old address while a change waits for its proof, with a link that stops it. */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type ChangeEmailNoticeValues = {
  name: string;
  newAddress: string;
  cancelLink: string;
  event: Occasion | null;
};

export const changeEmailNotice: Template<ChangeEmailNoticeValues> = {
  en: ({ name, newAddress, cancelLink, event }, { productName }) => ({
    subject: `A new address for your ${productName} account?`,
    preview: 'If you did not ask for it, stop it with the link.',
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph: `Somebody, hopefully you, asked to change the address of your account to ${newAddress}. It changes once that address is confirmed.`,
      },
      ...occasionBlock(event),
      { paragraph: 'If it was you, there is nothing to do here. If not, stop it and change your password:' },
      { label: 'Stop the change', link: cancelLink },
    ],
  }),
};
