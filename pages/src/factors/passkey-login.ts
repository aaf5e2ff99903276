/** Logging in with a passkey: by the button, or from the list that the browser shows in the email field. */
import { GatehouseError } from '../../../packages/client/src/index.ts';
import { auth } from '../auth.ts';
import { toldOf } from '../failures.ts';
import type { Told } from '../notice.ts';
import { factors } from './kit.ts';

/**
 * The browser has one request at a time: a button ends the one that waits in the field. `over` resolves at once then,
 * or with the answer of the service to the passkey that was chosen just before.
 */
let offer: { end: AbortController; over: Promise<void> } | undefined;

/** Only where the browser can: another one would open a dialog. */
export function offerPasskeys(tell: (told: Told) => void): void {
  const end = new AbortController();
  offer = { end, over: wait(end.signal, tell) };
}

async function wait(signal: AbortSignal, tell: (told: Told) => void): Promise<void> {
  await factors.logInWithPasskey({ autofill: true, signal }).catch((error: unknown) => {
    // Nobody has asked for anything yet: without an answer there is only no list.
    if (error instanceof GatehouseError && error.code === 'invalid_passkey') tell(toldOf(error));
  });
}

export async function endOffer(): Promise<void> {
  offer?.end.abort();
  await offer?.over;
}

export async function logInWithPasskey(tell: (told: Told | undefined) => void): Promise<void> {
  await endOffer();
  // A second log-in would end the session of the first, which the next page is already using.
  if (auth.state.status === 'signedIn') return;
  tell(undefined);
  try {
    await factors.logInWithPasskey();
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    tell(toldOf(error));
    if (offer) offerPasskeys(tell);
  }
}
