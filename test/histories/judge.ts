/** What the rules expect of requests that were sent at once, in each possible order of their trips. */
import type { Answer } from '../support/gatehouse.ts';
import { type Expected, type Model, RATE_LIMITED, refused } from './model.ts';
import type { Request } from './steps.ts';
import type { Call, Trips } from './world.ts';

const UNAVAILABLE = refused(503, 'service_unavailable');

/** A running request: its answer, and what the rules say in one order. */
export type Sent = { request: Request; call: Call; answer: Answer };

/**
 * For a second after Redis was down no request goes there. A request then makes one more trip to the database, first: it is
 * that trip which is cut, and nothing is done.
 */
export const troubles = (trouble: string | undefined) =>
  trouble === undefined ? [undefined] : [trouble, ...(instead[trouble] ?? [])];

/**
 * What can happen to requests of which a limit refuses some: `limited` changes nothing, `counted` counts a try at the same
 * time as the limit and undoes it. Without Redis nobody knows that the limit is used up.
 */
export const limits = (trouble: string | undefined, isRedisAway: boolean) => [
  'limited',
  'counted',
  ...(isRedisAway ? troubles(trouble) : []),
];

const instead: Partial<Record<string, string[]>> = {
  cut: ['databaseDown'],
  databaseDown: ['everythingDown'],
  secondCut: ['firstCut'],
  secondDown: ['databaseDown'],
};

/** Every order in which the trips of two requests can come: 0 is a trip of the first, 1 of the second. */
export function orders(sent: Sent[]): number[][] {
  if (sent.length < 2) return [[0, 0, 0]];
  return [
    [0, 0, 1, 1],
    [1, 1, 0, 0],
    [0, 1, 0, 1],
    [0, 1, 1, 0],
    [1, 0, 0, 1],
    [1, 0, 1, 0],
  ];
}

export function judge(before: Model, sent: Sent[], order: number[], trouble?: string) {
  const m = structuredClone(before);
  const expected: Expected[] = [];
  const rules = sent.map(({ call }) => ({
    call,
    offline: call.offline?.(m),
    trips: undefined as Trips | undefined,
  }));
  for (const which of order) {
    const rule = rules[which];
    if (rule === undefined || expected[which] !== undefined) continue;
    m.cause = rule.call.id;
    if (rule.call.refused && trouble === 'limited') expected[which] = RATE_LIMITED;
    else if (trouble === 'everythingDown') expected[which] = UNAVAILABLE;
    else if (rule.offline) expected[which] = rule.offline;
    else if (trouble === 'databaseDown') expected[which] = UNAVAILABLE;
    else {
      const { done, value } = nextTrip(rule, m, trouble);
      if (trouble === 'firstCut') expected[which] = UNAVAILABLE;
      else if (done) expected[which] = trouble === 'cut' ? UNAVAILABLE : value;
      else if (trouble === 'secondCut' || trouble === 'secondDown') {
        if (trouble === 'secondCut') rule.trips?.next();
        value?.(m);
        expected[which] = UNAVAILABLE;
      }
    }
  }
  return { m, expected, found: [] as string[] };
}

function nextTrip(rule: { call: Call; trips: Trips | undefined }, m: Model, trouble?: string) {
  const begun = rule.trips ?? ((trouble === 'counted' && rule.call.refused?.counted) || rule.call.judge)(m);
  if (!('next' in begun)) return { done: true as const, value: begun };
  rule.trips = begun;
  return begun.next();
}

export function answersUnlike(sent: Sent[], expected: Expected[]): string[] {
  return sent.flatMap(({ request, call, answer }, index) => {
    const wanted = JSON.stringify({ outcome: undefined, ...expected[index] });
    const outcome = call.outcome?.(answer);
    const code = answer.status === 200 ? undefined : answer.body?.code;
    const got = { status: answer.status, ...(code && { code }), ...(outcome !== undefined && { outcome }) };
    const want = expected[index];
    const isSame = want?.status === answer.status && want?.code === code && want?.outcome === outcome;
    return isSame ? [] : [`${request.do} answered ${JSON.stringify(got)}, not ${wanted}`];
  });
}
