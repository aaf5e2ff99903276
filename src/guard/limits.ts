/**
 * Every rate limit on one page. Windows are fixed: what the headers promise is exact, a key costs one counter, and
 * Redis and its stand-in count alike; the price is that twice a budget fits across the edge of two windows.
 */
import type { ApiConfig } from '../env.ts';
import type { Budget } from '../lib/budgets.ts';

type Limit = {
  /**
   * Whom it counts: a client (see lib/client-network.ts), a live session, or the family of refresh tokens, whose key
   * is only known once the token has been checked, so that its flow spends it.
   */
  by: 'client' | 'session' | 'family';
  budgets: readonly Budget[];
  /**
   * What happens while Redis is down. Where a secret is judged or a mail is caused, counters in Postgres take over;
   * what demands a token of ours passes, and its own statement judges it.
   */
  whenDown: 'postgres' | 'pass';
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const asksForMail: Limit['budgets'] = [
  { count: 5, seconds: 10 * MINUTE },
  { count: 20, seconds: DAY },
];

/** Each is overridden by a setting of its name, such as LIMIT_SIGNUP=3/3600 (see .dev.vars.example). */
export const limits = {
  signup: { by: 'client', budgets: [{ count: 3, seconds: HOUR }], whenDown: 'postgres' },
  verify: { by: 'client', budgets: [{ count: 20, seconds: 10 * MINUTE }], whenDown: 'postgres' },
  resend: { by: 'client', budgets: asksForMail, whenDown: 'postgres' },
  login: { by: 'client', budgets: [{ count: 60, seconds: 15 * MINUTE }], whenDown: 'postgres' },
  forgot: { by: 'client', budgets: asksForMail, whenDown: 'postgres' },
  reset: { by: 'client', budgets: [{ count: 10, seconds: 10 * MINUTE }], whenDown: 'postgres' },
  /** Routes that ask a person who is logged in for the password again. */
  confirm: { by: 'client', budgets: [{ count: 10, seconds: 10 * MINUTE }], whenDown: 'postgres' },
  refresh: { by: 'client', budgets: [{ count: 120, seconds: MINUTE }], whenDown: 'pass' },
  /** Above what a window full of tabs asks for when it wakes: they must all get their answer. */
  refreshFamily: { by: 'family', budgets: [{ count: 60, seconds: MINUTE }], whenDown: 'pass' },
  logout: { by: 'client', budgets: [{ count: 300, seconds: MINUTE }], whenDown: 'pass' },
  account: { by: 'client', budgets: [{ count: 300, seconds: MINUTE }], whenDown: 'pass' },
  accountSession: { by: 'session', budgets: [{ count: 120, seconds: MINUTE }], whenDown: 'pass' },
  /** The mail provider reports on many mails from few addresses; only its signature makes anything happen. */
  webhook: { by: 'client', budgets: [{ count: 6_000, seconds: MINUTE }], whenDown: 'pass' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** Clients of one neighbourhood share this many times the budget of one. */
export const WIDE_FACTOR = 8;

/** Everyone the edge gives no address for shares one budget. */
export const NO_ADDRESS = 'none';

export const budgetsOf = (config: ApiConfig, name: LimitName): readonly Budget[] =>
  config[`limit${name[0]?.toUpperCase()}${name.slice(1)}` as `limit${Capitalize<LimitName>}`] ??
  limits[name].budgets;
