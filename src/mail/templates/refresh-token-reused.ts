/** Told when a session was ended because a key of it was used twice (RFC 9700 section 4.14.2). */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type RefreshTokenReusedValues = { event: Occasion | null };

export const refreshTokenReused: Template<RefreshTokenReusedValues> = {
  en: ({ event }, { productName }) => ({
    subject: `We ended one of your ${productName} sessions`,
    preview: 'A key that had already been replaced was used again.',
    blocks: [
      { paragraph: 'Hello,' },
      {
        paragraph:
          'A key that one of your devices had already replaced was used again. That can mean it was stolen, so we ended the session: whoever held the key is logged out.',
      },
      ...occasionBlock(event),
      { paragraph: 'Log in again to go on. If you do not recognise this, change your password.' },
    ],
  }),
};
