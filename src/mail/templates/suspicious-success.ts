/** After a login that follows many failed ones (ASVS 6.3.5). */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type SuspiciousSuccessValues = { failures: number; event: Occasion | null };

export const suspiciousSuccess: Template<SuspiciousSuccessValues> = {
  en: ({ failures, event }, { productName }) =>
    notice(
      {
        subject: `A login to your ${productName} account after failed attempts`,
        preview: `${failures} wrong passwords came before it. Was it you?`,
        happened: [
          'Hello,',
          `Somebody logged in to your account after ${failures} attempts with a wrong password.`,
        ],
        advice:
          'If it was you, you need not do anything. If not, somebody may have guessed your password. Ask for a new one at once.',
      },
      event,
    ),
};
