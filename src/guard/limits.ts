/**
 * Whom every rate limit counts; config/limits.ts says how much it allows, and which are counted globally. Of those the
 * windows are fixed: what the headers promise is exact, a key costs one counter, and Redis and its stand-in count
 * alike; the price is that twice a budget fits across the edge of two windows.
 */
import type { EdgeLimitName } from '../config/limits.ts';

/**
 * Whether it counts the session that an access token names. All others count the client (lib/client-network.ts); how
 * often one session may be refreshed is counted in its own row (store/rotation.ts).
 */
export const countsSessions = (limit: EdgeLimitName): boolean => limit === 'accountSession';

/** Clients of one neighbourhood share this many times the budget of one. */
export const WIDE_FACTOR = 8;

/** Everyone the edge gives no address for shares one budget. */
export const NO_ADDRESS = 'none';
