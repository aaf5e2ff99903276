/**
 * How much each rate limit allows, and the text of LIMITS that changes it: `login=100/900;signup=3/3600,10/86400`. A
 * limit that is not named keeps what stands here. guard/limits.ts says whom each counts.
 *
 * What is counted globally is true for the whole world and costs a trip to Redis. What is counted at the edge costs
 * none, and is true for one location of Cloudflare; wrangler.toml repeats those budgets, and a test compares them.
 */
import { type Budget, parseBudgets, writtenBudgets } from '../lib/budgets.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const asksForMail = [
  { count: 5, seconds: 10 * MINUTE },
  { count: 20, seconds: DAY },
];

/** Where a secret is judged or a mail is caused. */
const globalLimits = {
  signup: [{ count: 3, seconds: HOUR }],
  verify: [{ count: 20, seconds: 10 * MINUTE }],
  resend: asksForMail,
  login: [{ count: 60, seconds: 15 * MINUTE }],
  forgot: asksForMail,
  reset: [{ count: 10, seconds: 10 * MINUTE }],
  confirm: [{ count: 10, seconds: 10 * MINUTE }],
} satisfies Record<string, readonly Budget[]>;

/**
 * Where a token of ours is demanded anyway, and before the hashes of a login. The rate-limit binding of Workers has
 * one budget of 10 or 60 seconds.
 */
export const edgeLimits = {
  loginBurst: { binding: 'LOGIN_BURST_LIMIT', count: 60, seconds: MINUTE },
  refresh: { binding: 'REFRESH_LIMIT', count: 120, seconds: MINUTE },
  logout: { binding: 'LOGOUT_LIMIT', count: 300, seconds: MINUTE },
  account: { binding: 'ACCOUNT_LIMIT', count: 300, seconds: MINUTE },
  accountSession: { binding: 'ACCOUNT_SESSION_LIMIT', count: 120, seconds: MINUTE },
  /** The mail provider reports on many mails from few addresses. */
  webhook: { binding: 'WEBHOOK_LIMIT', count: 6_000, seconds: MINUTE },
} as const satisfies Record<string, Budget & { binding: string }>;

const usual: Record<LimitName, readonly Budget[]> = {
  ...globalLimits,
  ...budgetsAtEdge(),
};

export type GlobalLimitName = keyof typeof globalLimits;
export type EdgeLimitName = keyof typeof edgeLimits;
export const edgeLimitNames = Object.keys(edgeLimits) as EdgeLimitName[];
export type LimitName = GlobalLimitName | EdgeLimitName;
export type Limits = Record<LimitName, readonly Budget[]>;

/** Throws an Error that says what is wrong. */
export function parseLimits(text: string): Limits {
  const limits: Limits = { ...usual };
  const named = new Set<string>();
  for (const part of text.split(';').map((one) => one.trim())) {
    const [, name = '', written] = /^([^=]*?)\s*(?:=(.*))?$/.exec(part) ?? [];
    if (!isLimitName(name)) throw new Error(`has a name that is none of ${Object.keys(usual).join(', ')}`);
    if (named.has(name)) throw new Error(`names ${name} twice`);
    if (written === undefined) throw new Error('is not of the form name=count/seconds;name=count/seconds');
    named.add(name);
    limits[name] = parseBudgets(written);
  }
  return limits;
}

export function isEdgeLimit(name: LimitName): name is EdgeLimitName {
  return Object.hasOwn(edgeLimits, name);
}

/** Limits of the edge that LIMITS gives another budget than the one that wrangler.toml binds. */
export const changedAtEdge = (limits: Limits): EdgeLimitName[] =>
  edgeLimitNames.filter((name) => writtenBudgets(limits[name]) !== writtenBudgets(usual[name]));

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(usual, name);
}

function budgetsAtEdge(): Record<EdgeLimitName, readonly Budget[]> {
  const entries = Object.entries(edgeLimits).map(([name, { count, seconds }]) => [
    name,
    [{ count, seconds }],
  ]);
  return Object.fromEntries(entries);
}

/** The limits that stand here, as LIMITS writes them. */
export const writtenLimits = (): string =>
  Object.entries(usual)
    .map(([name, budgets]) => `${name}=${writtenBudgets(budgets)}`)
    .join(';');
