/** Runs a history: steps one after the other, and after each a check of all rules. */

import type { Fault } from '../support/control.ts';
import { clearFault, fault } from '../support/control-client.ts';
import type { Answer } from '../support/gatehouse.ts';
import { differences, readTruth, settleMails } from './check.ts';
import { clientsOf } from './client.ts';
import { useUp } from './client-limits.ts';
import { answersUnlike, judge, limits, orders, type Sent, troubles } from './judge.ts';
import { emptyModel, type Model } from './model.ts';
import { callOf, type Request, type Step, type Trouble } from './steps.ts';
import { sweepAll } from './sweep.ts';
import { type Call, newWorld, type World } from './world.ts';

/** Counts each kind of answer to each request, over all histories. */
export const tally = new Map<string, number>();

/** In this history or the one before: the app is the same. */
let redisFailedAt = Number.NEGATIVE_INFINITY;

/** Many steps are not possible at their moment. A history ends after so many that were. */
const MAX_REQUESTS = 60;

/** Throws when no order of the requests explains what the app has done. */
export async function live(steps: readonly Step[]): Promise<void> {
  const world = await newWorld();
  let models = [emptyModel(world.clock.now().getTime())];
  for (const [index, step] of steps.entries()) {
    if (world.count > MAX_REQUESTS) break;
    try {
      models = await take(world, models, step);
    } catch (error) {
      throw new Error(`step ${index + 1}, ${JSON.stringify(step)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  // At the end each client knows whether it is logged in.
  models = await take(world, models, { do: 'mailGoes' });
  for (let session = world.sessions.length - 1; session >= 0; session--)
    models = await take(world, models, {
      do: 'refresh',
      session,
      token: 'newest',
      device: 'own',
      roams: false,
    });
}

async function take(world: World, models: Model[], step: Step): Promise<Model[]> {
  world.clock.travel(1);
  switch (step.do) {
    case 'wait':
      world.clock.travel(step.seconds * 1_000);
      return settled(world, at(world, models), []);
    case 'mailFalters':
      world.isMailFaltering = !world.isMailFaltering;
      return models;
    case 'mailStops':
    case 'mailGoes':
      world.isMailStopped = step.do === 'mailStops';
      return settled(world, at(world, models), []);
    case 'useUp':
      await useUp(world, step);
      return models;
    case 'sweep':
      return settled(world, await sweepAll(world, at(world, models)), []);
    case 'atOnce':
      return sendAll(world, at(world, models), [step.first, step.second]);
    case 'lost':
    case 'cut':
    case 'secondCut':
    case 'secondDown':
    case 'databaseDown':
    case 'redisDown':
      return sendAll(world, at(world, models), [step.request], step.do);
    default:
      return sendAll(world, at(world, models), [step]);
  }
}

const at = (world: World, models: Model[]) => models.map((m) => ({ ...m, now: world.clock.now().getTime() }));

async function sendAll(
  world: World,
  models: Model[],
  requests: Request[],
  trouble?: Trouble,
): Promise<Model[]> {
  const calls = requests.flatMap((request) => {
    const call = callOf(world, request);
    return call ? [{ request, call }] : [];
  });
  const [first] = calls;
  if (first === undefined) return models;
  if (trouble === 'cut' && !isOneTrip(models, first.call, first.request)) return models;
  if (trouble === 'secondCut' && ['logIn', 'signUp'].includes(first.request.do)) return models;
  if (trouble?.startsWith('second') && triesAfterAnswer.includes(first.request.do)) return models;
  // Faults are those of the API Worker.
  if (trouble && first.request.do === 'operate') return models;
  const isLimited = calls.some(({ call }) => call.refused);
  // Other tests check what happens to the trip that runs beside the limiter's.
  if (isLimited && ['cut', 'secondCut', 'secondDown'].includes(trouble ?? '')) return models;
  // For a second no request goes there (ports/limiter.ts); and a little more.
  const isRedisAway = trouble === 'redisDown' || performance.now() < redisFailedAt + 2_000;
  const answers = await amid(world, trouble, () => Promise.all(calls.map(({ call }) => call.send())));
  if (trouble === 'redisDown') redisFailedAt = performance.now();
  const sent = calls.map((one, index) => ({ ...one, answer: answers[index] as Answer }));
  for (const { request, call, answer } of sent) {
    count(request, answer);
    assertAlike(request, answer);
    if (answer.status !== 200) continue;
    call.learn?.(answer);
    if (trouble !== 'lost') call.keep?.(answer);
  }
  return settled(world, models, sent, isLimited ? limits(trouble, isRedisAway) : troubles(trouble));
}

/** Where a right proof leads to a refusal, the second trip takes its try back, after the answer. */
const triesAfterAnswer = [
  'askToMove',
  'deleteMe',
  'beginApp',
  'removeApp',
  'renewCodes',
  'stepUp',
  'answerFactor',
];

/** A cut answer of a request with one trip gives no id that the checks would need. */
function isOneTrip(models: Model[], call: Call, { do: what }: Request): boolean {
  return what !== 'signUp' && models.every((m) => !('next' in call.judge(structuredClone(m))));
}

const faults: Partial<Record<Trouble, Fault>> = {
  cut: { fail: 'cut', times: 1 },
  secondCut: { fail: 'cut', skip: 1, times: 1 },
  secondDown: { fail: 'refuse', skip: 1, times: 1 },
  databaseDown: { fail: 'refuse' },
  redisDown: { fail: 'refuse' },
};

async function amid<T>(
  { gatehouse: { name } }: World,
  trouble: Trouble | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const app = trouble === 'redisDown' ? `redis:${name}` : name;
  const ordered = trouble && faults[trouble];
  if (ordered) await fault(app, ordered);
  try {
    return await work();
  } finally {
    if (ordered) await clearFault(app);
  }
}

/** The models that explain all answers in some order, and the state after them. */
async function settled(
  world: World,
  models: Model[],
  sent: Sent[],
  variants: readonly (string | undefined)[] = [undefined],
): Promise<Model[]> {
  const truth = await readTruth(world);
  const judged = models.flatMap((m) =>
    variants.flatMap((what) => orders(sent).map((order) => judge(m, sent, order, what))),
  );
  for (const { m, expected, found } of judged)
    found.push(...answersUnlike(sent, expected), ...differences(world, m, truth));
  const fitting = judged.filter(({ found }) => found.length === 0).map(({ m }) => m);
  const remaining = settleMails(world, distinct(fitting), truth, (client) => clientsOf(world, client));
  if (remaining.length > 0) return remaining;
  const best = judged.sort((a, b) => a.found.length - b.found.length)[0];
  throw new Error(
    best?.found.join('; ') ||
      `mail: ${JSON.stringify(truth.mails)} for ${JSON.stringify(fitting[0]?.mails.filter((x) => x.fate === 'owed'))}`,
  );
}

const distinct = (models: Model[]) => [...new Map(models.map((m) => [JSON.stringify(m), m])).values()];

function count({ do: what }: Request, { status, body }: Answer): void {
  const key = `${what} ${status}${status === 200 ? '' : ` ${body?.code}`}`;
  tally.set(key, (tally.get(key) ?? 0) + 1);
}

/** By request and answer: the first of its kind, for any address. */
const shapes = new Map<string, string>();

/** Known or unknown, mailed or held back: equal answers have the same fields and the same headers. */
function assertAlike(request: Request, { status, headers, body }: Answer): void {
  // Without Redis and Postgres nothing is known of the limits.
  if (!('from' in request) || status === 503) return;
  const transport = 'transport' in request ? request.transport : '';
  const names = [...headers].map(([name]) => name).sort();
  const shape = JSON.stringify([names, Object.keys(body), body.message ?? body.detail]);
  // The answer of a limit shows which of two it is.
  const limit = body.code === 'rate_limited' ? body.detail : '';
  // That a factor is owed, is told to whoever has the password.
  const step = body.data?.mfaRequired ? 'owing' : '';
  const key = `${request.do} ${transport} ${status} ${step} ${body.code} ${limit}`;
  const first = shapes.get(key);
  shapes.set(key, first ?? shape);
  if (first !== undefined && first !== shape)
    throw new Error(`${key} is answered as ${shape}, and as ${first}`);
}
