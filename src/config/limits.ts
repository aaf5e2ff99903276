/**
 * How much each rate limit allows. The setting LIMITS changes it: `login=100/900;signup=3/3600,10/86400`. A limit that
 * it does not name keeps the value below. guard/limits.ts says whom each limit counts.
 *
 * Global limits hold for the whole world and cost a trip to Redis. Limits at the edge cost no trip and hold for one
 * location of Cloudflare. wrangler.toml repeats those, and a test compares them.
 */
import { type Budget, parseBudgets, writtenBudgets } from '../lib/budgets.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const asksForMail = [
  { count: 5, seconds: 10 * MINUTE },
  { count: 20, seconds: DAY },
];

/** For endpoints that check a secret or cause a mail. */
const globalLimits = {
  signup: [{ count: 3, seconds: HOUR }],
  verify: [{ count: 20, seconds: 10 * MINUTE }],
  resend: asksForMail,
  login: [{ count: 60, seconds: 15 * MINUTE }],
  mfa: [{ count: 60, seconds: 15 * MINUTE }],
  forgot: asksForMail,
  reset: [{ count: 10, seconds: 10 * MINUTE }],
  confirm: [{ count: 10, seconds: 10 * MINUTE }],
} satisfies Record<string, readonly Budget[]>;

/**
 * For endpoints that need a token of ours anyway or ask nothing, and before the hash of a login. The rate-limit binding
 * of Workers has one budget for 10 or 60 seconds.
 */
export const edgeLimits = {
  loginBurst: { binding: 'LOGIN_BURST_LIMIT', count: 60, seconds: MINUTE },
  refresh: { binding: 'REFRESH_LIMIT', count: 120, seconds: MINUTE },
  logout: { binding: 'LOGOUT_LIMIT', count: 300, seconds: MINUTE },
  account: { binding: 'ACCOUNT_LIMIT', count: 300, seconds: MINUTE },
  accountSession: { binding: 'ACCOUNT_SESSION_LIMIT', count: 120, seconds: MINUTE },
  /** The mail provider reports many mails from few addresses. */
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

/** Limits at the edge for which LIMITS has another budget than wrangler.toml. */
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

/** The default limits, in the form of LIMITS. */
export const writtenLimits = (): string =>
  Object.entries(usual)
    .map(([name, budgets]) => `${name}=${writtenBudgets(budgets)}`)
    .join(';');
