/**
 * A fresh proof of somebody who is logged in, before a change of the second factors: the password, or an answer of a factor
 * where one is owed, or the ticket of a step-up. Judged in the first trip, and checked again in the second.
 */
import { confirm, isStillConfirmed } from './confirmation.ts';
import { isUnspent, judgeAnswer, owes, type Spend, useUpFactor } from './factor-rules.ts';
import {
  type FactorAnswer,
  factorAnswer,
  type How,
  type Purpose,
  type StepUpTicket,
} from './held-factors.ts';
import { clearTry, countTry, NOT_COUNTED, rulesOfSession, type Try, takeBackTry } from './lockout-rules.ts';
import {
  type Account,
  accountById,
  type Expected,
  liveSession,
  type Model,
  refused,
  SECOND,
} from './model.ts';
import { UNAUTHORIZED } from './session-commands.ts';
import { type Held, pick, type World } from './world.ts';

export const INVALID_TICKET = refused(400, 'invalid_ticket');
export const WRONG_FACTOR = refused(403, 'wrong_second_factor');

/** `ticket` counts from the newest step-up of the history, whoever made it. */
export type ProofStep =
  | { with: 'password'; password: string }
  | { with: 'factor'; how: How }
  | { with: 'stepUp'; ticket: number };

/** `own` is the account as the first trip found it. */
export type Proven = { own: Account; tried: Try | undefined; spend: Spend | undefined; session: string };

type Outcome = { refusal: Expected } | Proven;
type Judging = Generator<((m: Model) => void) | undefined, Outcome>;

export type Proof = {
  body: unknown;
  /** Without a trip. */
  offline(m: Model): Expected | undefined;
  judge(m: Model): Judging;
  /** When it has ceased to hold by the second trip. */
  lost: Expected;
};

/** Undefined when there is nothing of this kind to send. */
export function proofOf(world: World, held: Held, step: ProofStep, purpose: Purpose): Proof | undefined {
  if (step.with === 'password') return byPassword(held, step.password);
  if (step.with === 'factor') return byFactor(world, held, step.how);
  const ticket = pick([...world.factors.stepUps].reverse(), step.ticket);
  return ticket && byTicket(held, ticket, purpose);
}

function byPassword({ account, id }: Held, password: string): Proof {
  return {
    body: { password },
    offline: () => undefined,
    lost: refused(403, 'wrong_password'),
    *judge(m) {
      const confirming = yield* confirm(m, account, id, (own) => own.password === password);
      const { refusal, own, tried } = confirming;
      if (refusal || own === undefined) return { refusal: refusal ?? UNAUTHORIZED };
      if (!owes(own)) return { own, tried, spend: undefined, session: id };
      takeBackTry(m, tried);
      return { refusal: refused(403, 'second_factor_required') };
    },
  };
}

/** Beside the password: what is sent, and what it is judged by. */
export function secondFactor(world: World, held: Held, how: How | undefined): SecondFactor {
  const answer = how && factorAnswer(world, held, how);
  return { answer, body: answer && ('code' in answer ? { code: answer.code } : answer) };
}

type SecondFactor = { answer: FactorAnswer | undefined; body: FactorAnswer | undefined };

/** The password, and beside it the second factor of whoever owes one. */
export function* judgeBoth(
  { factors }: World,
  m: Model,
  { account, id }: Held,
  password: string,
  { answer }: SecondFactor,
): Judging {
  const { refusal, own, tried } = yield* confirm(m, account, id, (person) => person.password === password);
  if (refusal || own === undefined) return { refusal: refusal ?? UNAUTHORIZED };
  if (!owes(own)) return { own, tried, spend: undefined, session: id };
  if (answer === undefined) {
    takeBackTry(m, tried);
    return { refusal: refused(403, 'second_factor_required') };
  }
  const spend = judgeAnswer(factors, m.now, own, answer);
  return spend ? { own, tried, spend, session: id } : { refusal: WRONG_FACTOR };
}

/** Codes are counted with the wrong passwords of the session. */
function byFactor(world: World, held: Held, how: How): Proof | undefined {
  const answer = factorAnswer(world, held, how);
  if (answer === undefined) return undefined;
  const { account, id: session } = held;
  const tried = 'code' in answer ? { rules: rulesOfSession(account, session), isKnown: true } : undefined;
  return {
    body: 'code' in answer ? { code: answer.code } : answer,
    offline: () => undefined,
    lost: WRONG_FACTOR,
    *judge(m) {
      const { isLocked } = tried ? countTry(m, tried) : NOT_COUNTED;
      const own = ownerOf(m, session);
      if (own === undefined) return { refusal: UNAUTHORIZED };
      const spend = judgeAnswer(world.factors, m.now, own, answer);
      yield;
      if (isLocked) return { refusal: refused(429, 'second_factor_locked') };
      return spend ? { own, tried, spend, session } : { refusal: WRONG_FACTOR };
    },
  };
}

function byTicket(held: Held, ticket: StepUpTicket, purpose: Purpose): Proof {
  const { session, account, version, epoch } = ticket;
  const isFor = session === held.id && account === held.account && ticket.purpose === purpose;
  return {
    body: { stepUp: ticket.ticket },
    offline: (m) => (isFor && !isOver(m, ticket) ? undefined : INVALID_TICKET),
    lost: INVALID_TICKET,
    *judge(m) {
      const own = ownerOf(m, session);
      if (own === undefined) return { refusal: UNAUTHORIZED };
      if (own.version !== version || own.epoch !== epoch) return { refusal: INVALID_TICKET };
      yield;
      return { own, tried: undefined, spend: { ticket: ticket.id }, session };
    },
  };
}

/** As a JWT has it: in whole seconds. */
export const isOver = (m: Model, { endsAt }: { endsAt: number }): boolean =>
  endsAt <= Math.floor(m.now / SECOND) * SECOND;

function ownerOf(m: Model, session: string): Account | undefined {
  const live = liveSession(m, session);
  return live && structuredClone(accountById(m, live.account));
}

/** The person, while nothing has changed since and nobody was faster with this answer. */
export function stillProven(m: Model, { own, tried, spend, session }: Proven): Account | undefined {
  const confirming = { id: session, tried: tried ?? { rules: [], isKnown: true }, own, refusal: undefined };
  const person = isStillConfirmed(m, confirming)?.person;
  return person?.epoch === own.epoch && (spend === undefined || isUnspent(m, person, spend))
    ? person
    : undefined;
}

/** With the act, in one statement. */
export function useUpProof(m: Model, person: Account, { tried, spend }: Proven): void {
  if (tried) clearTry(m, tried);
  if (spend) useUpFactor(m, person, spend);
}
