/** Logging in with a passkey: by the button, or from the list that the browser shows in the email field. */
import { GatehouseError } from '../../../packages/client/src/index.ts';
import { toldOf } from '../failures.ts';
import type { Told } from '../notice.ts';
import { factors } from './kit.ts';

/** The browser has one request at a time: the button ends the one that waits in the field. */
let waiting = new AbortController();

export async function offerPasskeys(tell: (told: Told) => void): Promise<void> {
  if (!(await factors.canAutofill().catch(() => false))) return;
  const { signal } = waiting;
  await factors.logInWithPasskey({ autofill: true, signal }).catch((error: unknown) => {
    // Nobody has asked for anything yet: without an answer there is only no list.
    if (error instanceof GatehouseError && error.code === 'invalid_passkey') tell(toldOf(error));
  });
}

export async function logInWithPasskey(tell: (told: Told | undefined) => void): Promise<void> {
  waiting.abort();
  waiting = new AbortController();
  tell(undefined);
  try {
    await factors.logInWithPasskey();
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    tell(toldOf(error));
    void offerPasskeys(tell);
  }
}
