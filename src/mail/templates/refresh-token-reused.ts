/** After a session was ended because one of its refresh tokens was used twice (RFC 9700 section 4.14.2). */
import type { Template } from '../message.ts';
import { notice } from './notice.ts';
import type { Occasion } from './occasion.ts';

export type RefreshTokenReusedValues = { event: Occasion | null };

export const refreshTokenReused: Template<RefreshTokenReusedValues> = {
  en: ({ event }, { productName }) =>
    notice(
      {
        subject: `We ended one of your ${productName} sessions`,
        preview: 'An old key of one of your devices was used again.',
        happened: [
          'Hello,',
          'One of your devices uses a key that is replaced from time to time. Somebody used an old one of these keys. It may have been stolen, so we ended that session, on your device too.',
        ],
        advice: 'To go on, log in again. If you do not know why this happened, change your password.',
      },
      event,
    ),
};
