/**
 * Spends limits: counts a request against each, or refuses it when one is used up. Nothing is silently unlimited:
 * while Redis is down a limit falls back to Postgres or lets pass, as its row in limits.ts says.
 */
import type { LimitName } from '../config/limits.ts';
import type { Deps } from '../deps.ts';
import type { Demand, Standing } from '../lib/windows.ts';
import { Refusal } from '../refusal.ts';
import { takeFallback } from '../store/rate-limits.ts';
import { limits, WIDE_FACTOR } from './limits.ts';

/**
 * One use of a limit. Without a scope the key is whom the limit counts; `wide` is the neighbourhood of that client, with
 * several budgets for all of it; `account` is somebody known, whom the neighbours do not hold up.
 */
export type Use = { limit: LimitName; key: string; scope?: 'wide' | 'account' };

export type Verdict = {
  /** How far the budgets are used (draft-ietf-httpapi-ratelimit-headers). */
  headers: Record<string, string>;
  /** `rate_limited`, when a budget is used up. */
  refusal?: Refusal;
  /** Whether it was the neighbours, and nobody else, who have used it up. */
  isCrowded: boolean;
};

type Asked = Demand & Use;

/** @throws Refusal `rate_limited` */
export async function spend(deps: Deps, uses: readonly Use[]): Promise<Record<string, string>> {
  const { headers, refusal } = await judge(deps, uses);
  if (refusal) throw refusal;
  return headers;
}

/** Counts the request, unless a limit refuses it. */
export async function judge(deps: Deps, uses: readonly Use[]): Promise<Verdict> {
  const asked = uses.flatMap((use) => demandsOf(deps, use));
  const standings = await deps.limiter.take(asked);
  if (standings !== 'down') return verdictOn(standings);

  deps.degraded('limiter.degraded');
  const kept = asked.filter(({ limit }) => limits[limit].whenDown === 'postgres');
  return verdictOn(kept.length === 0 ? [] : await takeFallback(deps.db, kept, deps.now()));
}

const demandsOf = ({ config }: Deps, use: Use): Asked[] =>
  config.limits[use.limit].map(({ count, seconds }) => ({
    ...use,
    name: use.scope ? `${use.limit}-${use.scope}` : use.limit,
    count: use.scope === 'wide' ? count * WIDE_FACTOR : count,
    seconds,
  }));

function verdictOn(standings: (Asked & Standing)[]): Verdict {
  // Nobody is told how much their neighbours do, until it holds them up.
  const told = standings
    .filter(({ fits, scope }) => !fits || scope !== 'wide')
    .map((one) => ({ ...one, resetIn: Math.max(Math.ceil(one.resetInMs / 1_000), 1) }));
  if (told.length === 0) return { headers: {}, isCrowded: false };
  const headers = {
    'RateLimit-Policy': told.map((one) => `${policy(one)};q=${one.count};w=${one.seconds}`).join(', '),
    RateLimit: told.map((one) => `${policy(one)};r=${one.remaining};t=${one.resetIn}`).join(', '),
  };
  const refusing = told.filter(({ fits }) => !fits);
  if (refusing.length === 0) return { headers, isCrowded: false };
  const isCrowded = refusing.every(({ scope }) => scope === 'wide');
  const refusal = new Refusal('rate_limited', {
    reason: refusing.map(({ name }) => name).join(' '),
    ...(isCrowded && { detail: CROWDED }),
    headers: { ...headers, 'Retry-After': String(Math.max(...refusing.map(({ resetIn }) => resetIn))) },
  });
  return { headers, refusal, isCrowded };
}

const CROWDED =
  'Others in your network have used up what it may ask of this route. Try again after the seconds in Retry-After; a ' +
  'login on a device that has logged in before is not held up by them.';

/** A structured-field string (RFC 9651 section 3.3.3); the window tells two budgets of one limit apart. */
const policy = ({ name, seconds }: Demand) => `"${name}-${seconds}"`;
