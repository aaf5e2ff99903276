/** Told when a login succeeds after many that failed (ASVS 6.3.5). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type SuspiciousSuccessValues = { failures: number; event: Occasion | null };

export const suspiciousSuccess: Template<SuspiciousSuccessValues> = {
  en: ({ failures, event }, { productName }) => ({
    subject: `A login to your ${productName} account after failed attempts`,
    preview: `${failures} wrong passwords came before it. Was it you?`,
    blocks: [
      { paragraph: 'Hello,' },
      { paragraph: `Somebody logged in to your account after ${failures} attempts with a wrong password.` },
      ...occasionBlock(event),
      {
        paragraph:
          'If it was you, there is nothing to do. If not, someone may have guessed your password: ask for a new one at once.',
      },
    ],
  }),
};
