/** The key set of Gatehouse, kept: stale while it is down, and looked for again when a token names a key that is not in it. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type After, Kept } from './kept.ts';
import { VerifyError } from './verify-error.ts';

const TERMS = { freshMs: 300_000, waitMs: Number.POSITIVE_INFINITY, retryMs: 5_000 };
/** A key that is not known may be new, but whoever makes up names of keys makes us ask no more often than this. */
const NEW_KEY_GAP_MS = 30_000;

export type KeySet = Kept<JWTVerifyGetKey>;

export const keySet = (ask: (signal: AbortSignal) => Promise<Response>, now: () => number): KeySet =>
  new Kept<JWTVerifyGetKey>(
    async (signal) => createLocalJWKSet((await (await ask(signal)).json()) as JSONWebKeySet),
    TERMS,
    now,
  );

/** Chooses a key of the set that is kept, and looks once for a newer set where it has none. */
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
