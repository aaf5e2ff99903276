/**
 * A fresh proof before a serious change (OWASP ASVS 7.5.1): a session alone, from an open tab or stolen, makes none.
 * Whoever owes a second factor proves one, or a recovery code; the password is enough for all others. A trusted device
 * does not count. One trip; the act that follows is the second one.
 */
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOfSession, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { confirmPassword } from '../password/confirm.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { owesSecondFactor } from '../session/owing.ts';
import { beginConfirmation, type Confirmation } from '../store/confirmation.ts';
import { recordProofFailure } from '../store/factor-failures.ts';
import type { FreshProof } from '../store/fresh-proof.ts';
import { type Act, isFor, stepUpTicket } from '../token/step-up-ticket.ts';
import { readTicket } from '../token/ticket.ts';
import { type FactorAnswer, type Judged, judge } from './judge.ts';
import { credentialIdOf } from './judge-passkey.ts';

/** `stepUp` is the ticket of a step-up for this very act. */
export type Proof = { password: string } | FactorAnswer | { stepUp: string };

/**
 * @throws Refusal `invalid_token`; `wrong_password`, `login_locked`, `overloaded`, `second_factor_required` for a password;
 *   `wrong_second_factor`, `second_factor_locked` for a code or a passkey; `invalid_ticket`
 */
export async function prove(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  proof: Proof,
  act: Act,
): Promise<FreshProof> {
  if ('stepUp' in proof) return proveByTicket(deps, bearer, proof.stepUp, act);
  if (!('password' in proof)) return proveFactor(deps, caller, bearer, proof);
  return addFactor(deps, caller, await confirmPassword(deps, caller, bearer, proof.password));
}

/**
 * Whoever has confirmed the password and owes a second factor proves that as well. No trip, unless the answer is wrong.
 * @throws Refusal `second_factor_required`, `wrong_second_factor`
 */
export async function addFactor(
  deps: Deps,
  caller: Caller,
  confirmation: Confirmation,
  answer?: FactorAnswer,
): Promise<FreshProof> {
  if (!owesSecondFactor(deps.config, confirmation.factors)) return { ...confirmation, spend: undefined };
  const judged = await undoTryOnError(deps, confirmation, async () => {
    if (answer === undefined) throw new Refusal('second_factor_required');
    return judgeFor(deps, confirmation, answer);
  });
  return provenBy(deps, caller, confirmation, judged);
}

/**
 * The ticket says that a proof was judged minutes ago. It is void when the password or the factors have changed.
 * @throws Refusal `invalid_ticket`, `invalid_token`
 */
export async function proveByTicket(
  { config, db, now }: Deps,
  bearer: Bearer,
  ticket: string,
  act: Act,
): Promise<FreshProof> {
  const claims = await readTicket(stepUpTicket, config.ticketSecrets, ticket, now());
  if (claims === undefined || !isFor(claims, bearer, act))
    throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const { own } = await beginConfirmation(db, bearer, [], now());
  if (own === null) throw sessionEnded();
  if (own.mfaEpoch !== claims.epo || own.passwordChangedAt.getTime() !== claims.pwv)
    throw new Refusal('invalid_ticket', { reason: 'void' });
  const { passwordHash: _, isSetHere: __, ...rest } = own;
  return {
    ...bearer,
    ...rest,
    counters: [],
    isKnownDevice: true,
    spend: { method: 'ticket', id: claims.jti },
  };
}

/** The guesses of a session are counted together, whatever it guesses. */
async function proveFactor(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  answer: FactorAnswer,
): Promise<FreshProof> {
  const { config, db } = deps;
  const counters = 'code' in answer ? [counterOfSession(config, bearer)] : [];
  const named = 'assertion' in answer ? credentialIdOf(answer.assertion) : undefined;
  const { isLocked, waitSeconds, own } = await beginConfirmation(db, bearer, counters, deps.now(), named);
  if (own === null) throw sessionEnded();
  if (isLocked) {
    await recordProofFailure(db, bearer, 'locked', caller, deps.now());
    const headers = { 'Retry-After': String(waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('second_factor_locked', { headers });
  }
  const { passwordHash: _, isSetHere: __, ...rest } = own;
  const confirmation = { ...bearer, ...rest, counters, isKnownDevice: true };
  const judged = await undoTryOnError(deps, confirmation, async () => judgeFor(deps, confirmation, answer));
  return provenBy(deps, caller, confirmation, judged);
}

const judgeFor = ({ config, now }: Deps, { userId, material }: Confirmation, answer: FactorAnswer) =>
  judge(config, { id: userId, material }, answer, now());

async function provenBy(
  deps: Deps,
  caller: Caller,
  confirmation: Confirmation,
  judged: Judged,
): Promise<FreshProof> {
  if ('spend' in judged) return { ...confirmation, spend: judged.spend };
  const mailId = await recordProofFailure(deps.db, confirmation, judged.failure, caller, deps.now());
  if (mailId !== null) deps.after(deps.mailQueue.send({ id: mailId }));
  throw new Refusal('wrong_second_factor', { reason: judged.failure });
}

/** The second trip found that the session has ended, that something was changed, or that the proof was used up. */
export const noLongerProven = ({ spend }: FreshProof): Refusal =>
  new Refusal(
    spend === undefined
      ? 'wrong_password'
      : spend.method === 'ticket'
        ? 'invalid_ticket'
        : 'wrong_second_factor',
    { reason: 'changed_meanwhile' },
  );
