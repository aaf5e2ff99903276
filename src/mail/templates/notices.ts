/** Mails that tell what happened. All have one form: what, when and from where, what to do about it, and a way on. */
import type { Sentences } from '../languages/en.ts';
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';
import { toApp, toSupport, toWasThisYou, type WayOn } from './ways-on.ts';

type Told = { subject: string; preview: string; happened: string; advice: string };
/** `event` is null when it has been deleted. */
type Event = { event: Occasion | null };
type Nothing = Record<never, never>;

function notice<Values extends Partial<Event>>(
  sentencesOf: (sentences: Sentences) => (product: string, values: Values) => Told,
  wayOn: WayOn,
): Template<Values> {
  return (values, sentences, sender) => {
    const { subject, preview, happened, advice } = sentencesOf(sentences)(sender.productName, values);
    return {
      subject,
      preview,
      blocks: [
        { paragraph: happened },
        ...occasionBlock(values.event ?? null, sentences),
        { paragraph: advice },
        ...wayOn(sentences, sender),
      ],
    };
  };
}

/** To the owner of an address, when somebody signs up with it. */
export const alreadyRegistered = notice<Nothing>(({ alreadyRegistered }) => alreadyRegistered, toApp);

/** To the owner of an address, when another account asks for it. The other account is not told. */
export const changeEmailTaken = notice<Nothing>(({ changeEmailTaken }) => changeEmailTaken, toApp);

/** To both addresses, after a change of address was undone from the old mailbox. */
export const emailChangeUndone = notice<Event>(({ emailChangeUndone }) => emailChangeUndone, toApp);

/** To the new address after a change, which it cannot undo (ASVS 6.3.7). */
export const emailChanged = notice<Event>(({ emailChanged }) => emailChanged, toSupport);

/** After every change of the password, by reset or by its owner (ASVS 6.3.7). */
export const passwordChanged = notice<Event>(({ passwordChanged }) => passwordChanged, toWasThisYou);

/** After so many failures in a row that unknown devices cannot use the password any more (NIST SP 800-63B-4 3.2.2). */
export const passwordDisabled = notice<Event>(({ passwordDisabled }) => passwordDisabled, toApp);

/** After a login from a device on which the account has not been used before (ASVS 6.3.5). */
export const newDevice = notice<Event>(({ newDevice }) => newDevice, toWasThisYou);

/** After a login that follows many failed ones (ASVS 6.3.5). */
export const suspiciousSuccess = notice<Event & { count: number }>(
  ({ suspiciousSuccess }) => suspiciousSuccess,
  toWasThisYou,
);

/** After a session was ended because one of its refresh tokens was used twice (RFC 9700 section 4.14.2). */
export const refreshTokenReused = notice<Event>(({ refreshTokenReused }) => refreshTokenReused, toWasThisYou);

/** After an authenticator app was added or replaced, and after one was removed (ASVS 6.3.7). */
export const mfaEnabled = notice<Event>(({ mfaEnabled }) => mfaEnabled, toWasThisYou);
export const mfaDisabled = notice<Event>(({ mfaDisabled }) => mfaDisabled, toWasThisYou);

/** When an operator was asked to remove the second factors of somebody who says that they are lost (ASVS 6.3.7). */
export const factorRemovalRequested = notice<Nothing>(
  ({ factorRemovalRequested }) => factorRemovalRequested,
  toApp,
);

/** After many wrong codes: somebody knows the password (ASVS 6.3.5). */
export const mfaGuessing = notice<Event & { count: number }>(({ mfaGuessing }) => mfaGuessing, toWasThisYou);

/** After a recovery code was used. `count` is how many are left. */
export const recoveryCodeUsed = notice<Event & { count: number }>(
  ({ recoveryCodeUsed }) => recoveryCodeUsed,
  toWasThisYou,
);

export const recoveryCodesReplaced = notice<Event>(
  ({ recoveryCodesReplaced }) => recoveryCodesReplaced,
  toWasThisYou,
);

/** After a passkey was added, and after one was removed (ASVS 6.3.7). */
export const passkeyAdded = notice<Event>(({ passkeyAdded }) => passkeyAdded, toWasThisYou);
export const passkeyRemoved = notice<Event>(({ passkeyRemoved }) => passkeyRemoved, toWasThisYou);

/** After the counter of a passkey went back (WebAuthn section 6.1.1). */
export const passkeyCopied = notice<Event>(({ passkeyCopied }) => passkeyCopied, toWasThisYou);

/** The last mail of an account. It has no name in it, because the name is deleted by then. */
export const farewell = notice<Nothing>(({ farewell }) => farewell, toSupport);
