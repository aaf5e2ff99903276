/**
 * Whom each rate limit counts. config/limits.ts says how much a limit allows, and which limits are counted globally.
 * Those have fixed windows: the headers are exact, each key needs one counter, and Redis and Postgres count in the
 * same way. The price is that twice the budget fits around the border of two windows.
 */
import type { EdgeLimitName } from '../config/limits.ts';

/**
 * Whether a limit counts the session of an access token. All others count the client (lib/client-network.ts). How
 * often a session may be refreshed is counted in its own row (store/rotation.ts).
 */
export const countsSessions = (limit: EdgeLimitName): boolean => limit === 'accountSession';

/** All clients of one neighbourhood together have this many times the budget of one client. */
export const WIDE_FACTOR = 8;

/** All clients without a known address share one budget. */
export const NO_ADDRESS = 'none';
