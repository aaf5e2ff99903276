/** The kept key set of Gatehouse: stale while Gatehouse is down, and loaded again when a token names an unknown key. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type After, Kept } from './kept.ts';
import { VerifyError } from './verify-error.ts';

const TERMS = { freshMs: 300_000, waitMs: Number.POSITIVE_INFINITY, retryMs: 5_000 };
/** An unknown key may be new, but made-up key names cause no more requests than one in this time. */
const NEW_KEY_GAP_MS = 30_000;

export type KeySet = Kept<JWTVerifyGetKey>;

export const keySet = (ask: (signal: AbortSignal) => Promise<Response>, now: () => number): KeySet =>
  new Kept<JWTVerifyGetKey>(
    async (signal) => createLocalJWKSet((await (await ask(signal)).json()) as JSONWebKeySet),
    TERMS,
    now,
  );

/** Chooses a key of the kept set; if it is not there, loads a newer set once. */
export const keyOf =
  (keys: KeySet, after?: After): JWTVerifyGetKey =>
  async (header, token) => {
    const known = await keys.get(after);
    if (known === undefined)
      throw new VerifyError('service_unavailable', `the keys are not known: ${String(keys.lastFault)}`);
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const renewed = await keys.renew(NEW_KEY_GAP_MS, after);
      return (renewed ?? known)(header, token);
    }
  };
