/** The lockout (docs/threats.md, "Guessing"): which counters a try meets, and which counts a success undoes. */
import { type Counter, DAY, HOUR, MINUTE, type Model, SECOND } from './model.ts';

type Rule = {
  key: string;
  owner: string;
  forKnown: boolean;
  budget: number;
  window: number;
  waits: number[];
  maxInARow: number | null;
};

export type Try = { rules: Rule[]; isKnown: boolean };
/** `inARow`: the failures in a row, if this try is one. */
export type Verdict = { isLocked: boolean; isLast: boolean; inARow: number };

/** For what is too long to be guessed. */
export const NOT_COUNTED: Verdict = { isLocked: false, isLast: false, inARow: 0 };

const own = { budget: 3, window: 15 * MINUTE, waits: [30 * MINUTE] };
const strangers = { budget: 5, window: HOUR, waits: [30, 60, 120, 300, 900].map((s) => s * SECOND) };
const MAX_IN_A_ROW = 8;

export function rulesOfLogin(email: string, network: string, device: string | null): Rule[] {
  const rules: Rule[] = [
    { ...own, key: `${email} from ${network}`, owner: email, forKnown: false, maxInARow: null },
    { ...strangers, key: `${email} strangers`, owner: email, forKnown: false, maxInARow: MAX_IN_A_ROW },
  ];
  if (device === null) return rules;
  return [
    ...rules,
    { ...own, key: `${email} on ${device}`, owner: email, forKnown: true, maxInARow: MAX_IN_A_ROW },
  ];
}

export const rulesOfSession = (account: string, session: string): Rule[] => [
  { ...own, key: `${account} in ${session}`, owner: account, forKnown: true, maxInARow: MAX_IN_A_ROW },
];

/** Codes of an app, at a login. A reset does not clear them, or a thief of the mailbox could guess without end. */
export const rulesOfCodes = (account: string): Rule[] => [
  {
    key: `codes of ${account}`,
    owner: `codes of ${account}`,
    forKnown: true,
    budget: 5,
    window: 15 * MINUTE,
    waits: [15 * MINUTE],
    maxInARow: NEVER,
  },
];

/** They lock nothing, however many come in a row. */
const NEVER = 1_000_000;

const kept = ({ window, waits }: Rule): number => Math.max(window, ...waits);

/** Counts the try before it is judged. A refused one is not counted. */
export function countTry(m: Model, { rules, isKnown }: Try): Verdict {
  for (const rule of rules) hold(m, rule);
  const met = rules.filter(({ forKnown }) => forKnown === isKnown);
  const isLocked = met.some((rule) => {
    const { inARow, lockedUntil } = counter(m, rule);
    return (rule.maxInARow !== null && inARow >= rule.maxInARow) || lockedUntil > m.now;
  });
  if (isLocked) return { ...NOT_COUNTED, isLocked };
  for (const rule of met) count(m, rule);
  const isLast = met.some((rule) => counter(m, rule).inARow === rule.maxInARow);
  return { isLocked, isLast, inARow: Math.max(...met.map((rule) => counter(m, rule).inARow)) };
}

function hold(m: Model, rule: Rule): void {
  const expiresAt = m.now + kept(rule);
  const found = m.counters[rule.key];
  if (found === undefined) {
    m.counters[rule.key] = {
      owner: rule.owner,
      failures: 0,
      inARow: 0,
      windowEndsAt: m.now,
      lockedUntil: 0,
      expiresAt,
    };
    return;
  }
  if (found.expiresAt <= m.now) found.inARow = 0;
  found.expiresAt = Math.max(found.expiresAt, expiresAt);
}

function count(m: Model, rule: Rule): void {
  const c = counter(m, rule);
  const isOpen = c.windowEndsAt > m.now;
  c.failures = (isOpen ? c.failures : 0) + 1;
  c.inARow += 1;
  const past = c.failures - rule.budget;
  c.windowEndsAt = isOpen && past < 0 ? c.windowEndsAt : m.now + rule.window;
  c.lockedUntil = past < 0 ? 0 : m.now + (rule.waits[Math.min(past, rule.waits.length - 1)] ?? 0);
  if (rule.maxInARow === null) return;
  const days = Math.min(c.inARow, 30) * DAY;
  c.expiresAt = c.inARow === rule.maxInARow ? Number.POSITIVE_INFINITY : Math.max(c.expiresAt, m.now + days);
}

/** The password was right. A lock that only a reset ends stays. `isTakenBack`: it was right at an earlier request. */
export function clearTry(m: Model, { rules, isKnown }: Try, isTakenBack = false): void {
  for (const rule of rules) {
    const isOwn = rule.forKnown === isKnown;
    const c = m.counters[rule.key];
    if (c === undefined || (!isOwn && rule.maxInARow === null)) continue;
    const isShared = !rule.forKnown && rule.maxInARow !== null;
    const hasCounted = isOwn && !(isShared && isTakenBack);
    const staysClosed = !hasCounted && rule.maxInARow !== null && c.inARow >= rule.maxInARow;
    if (hasCounted && (!isShared || c.failures <= rule.budget)) c.lockedUntil = 0;
    if (hasCounted) c.failures = isShared ? Math.max(c.failures - 1, 0) : 0;
    if (staysClosed) continue;
    c.inARow = 0;
    c.expiresAt = m.now + kept(rule);
  }
}

/** The try was right but opened no session: it counts for nothing. */
export function takeBackTry(m: Model, { rules, isKnown }: Try): void {
  for (const rule of rules.filter(({ forKnown }) => forKnown === isKnown)) {
    const c = m.counters[rule.key];
    if (c === undefined) continue;
    if (c.failures <= rule.budget) c.lockedUntil = 0;
    c.inARow = Math.max(c.inARow - 1, 0);
    c.failures = Math.max(c.failures - 1, 0);
    c.expiresAt = Math.min(c.expiresAt, c.windowEndsAt + 30 * DAY);
  }
}

/** A reset or the end of the account: every counter of the address and of the person is gone. */
export function clearCountersOf(m: Model, ...owners: string[]): void {
  for (const [key, { owner }] of Object.entries(m.counters))
    if (owners.includes(owner)) delete m.counters[key];
}

function counter(m: Model, { key }: Rule): Counter {
  const found = m.counters[key];
  if (found === undefined) throw new Error(`no counter ${key}`);
  return found;
}
