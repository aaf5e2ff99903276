/** Second factors come and go: adding an app and its recovery codes, and what a fresh proof is asked for. */
import type { Answer } from '../support/gatehouse.ts';
import { codeAt } from '../support/totp-app.ts';
import { ask, claimsOf } from './client.ts';
import { owes, unchangedSince } from './factor-rules.ts';
import { factorAnswer, type Purpose, stepAt } from './held-factors.ts';
import { takeBackTry } from './lockout-rules.ts';
import {
  type Account,
  type Expected,
  endSessions,
  liveSession,
  type Model,
  OK,
  owe,
  refused,
} from './model.ts';
import {
  INVALID_TICKET,
  isOver,
  type ProofStep,
  type Proven,
  proofOf,
  stillProven,
  useUpProof,
  WRONG_FACTOR,
} from './proof.ts';
import { bearer, expiryOf, newestFirst, UNAUTHORIZED } from './session-commands.ts';
import { type Command, type Held, newId, pick, type World } from './world.ts';

/** `wrong`: not the code that the app shows. */
export type ConfirmApp = { do: 'confirmApp'; session: number; enrolment: number; isWrong: boolean };

/** One trip: nothing is active before a code of the app came back. */
export function confirmApp(world: World, step: ConfirmApp): Command | undefined {
  const held = pick(newestFirst(world), step.session);
  const enrolment = pick([...world.factors.enrolments].reverse(), step.enrolment);
  const app = world.factors.apps.find(({ id }) => id === enrolment?.app);
  if (held === undefined || enrolment === undefined || app === undefined) return undefined;
  const now = stepAt(world.clock.now().getTime());
  const wrong = factorAnswer(world, app, 'wrong');
  const code = step.isWrong && wrong && 'code' in wrong ? wrong.code : codeAt(app.secret, now);
  const { account, from } = held;
  const id = newId(world, 'codes');
  const expired = expiryOf(held);
  const isOurs = enrolment.session === held.id && enrolment.account === account;
  return {
    send: () => ask(world, 'POST', '/factors/totp/confirm', { ticket: enrolment.ticket, code }, bearer(held)),
    offline: (m) =>
      expired(m) ??
      (isOver(m, enrolment) || !isOurs ? INVALID_TICKET : step.isWrong ? WRONG_FACTOR : undefined),
    judge(m) {
      const live = liveSession(m, held.id);
      const person = unchangedSince(m, enrolment);
      if (live === undefined) return UNAUTHORIZED;
      if (person === undefined) return INVALID_TICKET;
      if (person.app) endSessions(m, person.id, live.id);
      person.app = { id: app.id, lastStep: now, addedAt: m.now };
      person.epoch += 1;
      const isNewSet = person.recovery === null;
      person.recovery ??= { set: id, used: [], madeAt: m.now };
      owe(m, 'mfa_enabled', person.email);
      return { status: 200, outcome: isNewSet ? 'new codes' : 'no codes' };
    },
    outcome: ({ body }) => body.data && (body.data.recoveryCodes ? 'new codes' : 'no codes'),
    keep(answer) {
      world.factors.seen.push({ account, code });
      keepCodes(world, { id, account, from }, answer);
    },
  };
}

function keepCodes(world: World, set: { id: string; account: string; from: number }, { body }: Answer) {
  const codes: string[] | null = body.data.recoveryCodes;
  if (codes) world.factors.sets.push({ ...set, codes, tried: 0 });
}

/** `stepUp` asks for a ticket for the act of `purpose`. */
export type ChangeFactors = { session: number; proof: ProofStep } & (
  | { do: 'beginApp' | 'removeApp' | 'renewCodes' }
  | { do: 'stepUp'; purpose: Purpose }
);

type Act = {
  method: 'POST' | 'DELETE';
  path: string;
  purpose: Purpose;
  /** What it takes away or replaces must be there. */
  needsFactor: boolean;
  /** What it does beside using up the proof. */
  act(m: Model, person: Account, proven: Proven): void;
  keep(answer: Answer): void;
};

export function changeFactors(world: World, step: ChangeFactors): Command | undefined {
  const held = pick(newestFirst(world), step.session);
  if (held === undefined || (step.do === 'stepUp' && step.proof.with === 'stepUp')) return undefined;
  const { method, path, purpose, needsFactor, act, keep } = actOf(world, step, held);
  const proof = proofOf(world, held, step.proof, purpose);
  if (proof === undefined) return undefined;
  const body = { proof: proof.body, ...(step.do === 'stepUp' && { act: { purpose } }) };
  const expired = expiryOf(held);
  return {
    send: () => ask(world, method, path, body, bearer(held)),
    offline: (m) => expired(m) ?? proof.offline(m),
    *judge(m): Generator<((m: Model) => void) | undefined, Expected> {
      const proven = yield* proof.judge(m);
      if ('refusal' in proven) return proven.refusal;
      if (needsFactor && !owes(proven.own)) {
        if (proven.tried) takeBackTry(m, proven.tried);
        return refused(404, 'not_found');
      }
      const person = stillProven(m, proven);
      if (person === undefined) return proof.lost;
      act(m, person, proven);
      return OK;
    },
    keep,
  };
}

function actOf(world: World, step: ChangeFactors, held: Held): Act {
  const { id: session, account, from } = held;
  const id = newId(world, step.do);
  const said = (ticket: string) => {
    const { exp, pwv: version, epo: epoch } = claimsOf(ticket);
    return { ticket, account, session, endsAt: exp * 1_000, version, epoch };
  };
  switch (step.do) {
    case 'beginApp':
      return {
        ...{ method: 'POST', path: '/factors/totp', purpose: 'add-totp', needsFactor: false },
        act: useUpProof,
        keep({ body: { data } }) {
          world.factors.apps.push({ id, account, from, secret: data.secret });
          world.factors.enrolments.push({ ...said(data.ticket), app: id });
        },
      };
    case 'removeApp':
      return {
        ...{ method: 'DELETE', path: '/factors/totp', purpose: 'remove-totp', needsFactor: true },
        act(m, person, { tried, spend }) {
          // A code that is deleted with the others is not told of.
          const isDeleted = spend === undefined || !('ticket' in spend);
          useUpProof(m, person, { own: person, session, tried, spend: isDeleted ? undefined : spend });
          Object.assign(person, { app: null, recovery: null, epoch: person.epoch + 1 });
          endSessions(m, person.id, session);
          owe(m, 'mfa_disabled', person.email);
        },
        keep() {},
      };
    case 'renewCodes':
      return {
        ...{ method: 'POST', path: '/factors/recovery-codes' },
        ...{ purpose: 'renew-recovery-codes', needsFactor: true },
        act(m, person, { tried, spend }) {
          const isReplaced = spend !== undefined && 'set' in spend;
          useUpProof(m, person, { own: person, session, tried, spend: isReplaced ? undefined : spend });
          person.recovery = { set: id, used: [], madeAt: m.now };
          owe(m, 'recovery_codes_replaced', person.email);
        },
        keep: (answer) => keepCodes(world, { id, account, from }, answer),
      };
    case 'stepUp':
      return {
        ...{ method: 'POST', path: '/step-up', purpose: step.purpose, needsFactor: false },
        act: useUpProof,
        keep({ body: { data } }) {
          const { purpose } = step;
          world.factors.stepUps.push({ ...said(data.ticket), id, purpose });
        },
      };
  }
}
