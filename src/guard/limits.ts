/**
 * Whom every rate limit counts, and what happens to it while Redis is down; config/limits.ts says how much it allows.
 * Windows are fixed: what the headers promise is exact, a key costs one counter, and Redis and its stand-in count
 * alike; the price is that twice a budget fits across the edge of two windows.
 */
import type { LimitName } from '../config/limits.ts';

type Limit = {
  /** Whom it counts: a client (see lib/client-network.ts), or a live session. */
  by: 'client' | 'session';
  /**
   * What happens while Redis is down. Where a secret is judged or a mail is caused, counters in Postgres take over;
   * what demands a token of ours passes, and its own statement judges it.
   */
  whenDown: 'postgres' | 'pass';
};

export const limits: Record<LimitName, Limit> = {
  signup: { by: 'client', whenDown: 'postgres' },
  verify: { by: 'client', whenDown: 'postgres' },
  resend: { by: 'client', whenDown: 'postgres' },
  login: { by: 'client', whenDown: 'postgres' },
  forgot: { by: 'client', whenDown: 'postgres' },
  reset: { by: 'client', whenDown: 'postgres' },
  /** Routes that ask a person who is logged in for the password again. */
  confirm: { by: 'client', whenDown: 'postgres' },
  /** How often one session may be refreshed is counted in its own row (store/rotation.ts). */
  refresh: { by: 'client', whenDown: 'pass' },
  logout: { by: 'client', whenDown: 'pass' },
  account: { by: 'client', whenDown: 'pass' },
  accountSession: { by: 'session', whenDown: 'pass' },
  /** Only the signature of the mail provider makes anything happen. */
  webhook: { by: 'client', whenDown: 'pass' },
};

/** Clients of one neighbourhood share this many times the budget of one. */
export const WIDE_FACTOR = 8;

/** Everyone the edge gives no address for shares one budget. */
export const NO_ADDRESS = 'none';
