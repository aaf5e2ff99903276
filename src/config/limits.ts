/**
 * How much each rate limit allows, and the text of LIMITS that changes it: `login=100/900;signup=3/3600,10/86400`. A
 * limit that is not named keeps what stands here. guard/limits.ts says whom each counts.
 */
import { type Budget, parseBudgets } from '../lib/budgets.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const asksForMail = [
  { count: 5, seconds: 10 * MINUTE },
  { count: 20, seconds: DAY },
];

const usual = {
  signup: [{ count: 3, seconds: HOUR }],
  verify: [{ count: 20, seconds: 10 * MINUTE }],
  resend: asksForMail,
  login: [{ count: 60, seconds: 15 * MINUTE }],
  forgot: asksForMail,
  reset: [{ count: 10, seconds: 10 * MINUTE }],
  confirm: [{ count: 10, seconds: 10 * MINUTE }],
  refresh: [{ count: 120, seconds: MINUTE }],
  logout: [{ count: 300, seconds: MINUTE }],
  account: [{ count: 300, seconds: MINUTE }],
  accountSession: [{ count: 120, seconds: MINUTE }],
  /** The mail provider reports on many mails from few addresses. */
  webhook: [{ count: 6_000, seconds: MINUTE }],
} satisfies Record<string, readonly Budget[]>;

export type LimitName = keyof typeof usual;
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

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(usual, name);
}

/** The limits that stand here, as LIMITS writes them. */
export function writtenLimits(): string {
  return Object.entries(usual)
    .map(
      ([name, budgets]) => `${name}=${budgets.map(({ count, seconds }) => `${count}/${seconds}`).join(',')}`,
    )
    .join(';');
}
