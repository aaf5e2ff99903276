/**
 * Step-up: a fresh proof now, and a ticket for one act in the next five minutes. It is for clients that ask for the proof
 * before they show what it is for, for passkeys, and for people without a password. Two trips, as any proof and its act.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal } from '../refusal.ts';
import { recordStepUp } from '../store/step-ups.ts';
import { passkeyRequest } from '../token/passkey-request.ts';
import { type Act, claimsOfAct, isFor, stepUpRequestTicket, stepUpTicket } from '../token/step-up-ticket.ts';
import { readTicket, signTicket, TICKET_SECONDS } from '../token/ticket.ts';
import type { FactorAnswer } from './judge.ts';
import type { Asked } from './passkey-login.ts';
import { noLongerProven, prove } from './prove.ts';

/** The options for a passkey. No trip, and nothing is written: a session that has ended gets no further. */
export async function askForStepUp({ config, now }: Deps, bearer: Bearer, act: Act): Promise<Asked> {
  const said = { jti: uuidv7(), sub: bearer.userId, sid: bearer.sessionId, ...claimsOfAct(act) };
  const ticket = await signTicket(stepUpRequestTicket, config.ticketSecrets, said, now());
  return { options: passkeyRequest(relyingParty(config), ticket), ticket, expiresIn: TICKET_SECONDS };
}

/** @throws Refusal as `prove`; `invalid_ticket` for a passkey that was asked for something else */
export async function stepUp(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  act: Act,
  proof: { password: string } | FactorAnswer,
): Promise<{ ticket: string; expiresIn: number }> {
  const { config } = deps;
  const eventId = await eventIdOf(deps, bearer, act, proof);
  const proven = await prove(deps, caller, bearer, proof, act);
  const now = deps.now();
  const recorded = await undoTryOnError(deps, proven, () =>
    recordStepUp(deps.db, proven, eventId, caller, now),
  );
  if (recorded === undefined) throw noLongerProven(proven);
  for (const id of recorded.mails) deps.after(deps.mailQueue.send({ id }));
  const { userId: sub, sessionId: sid } = bearer;
  const { passwordChangedAt, mfaEpoch: epo } = proven;
  const said = { jti: uuidv7(), sub, sid, pwv: passwordChangedAt.getTime(), epo, ...claimsOfAct(act) };
  return {
    ticket: await signTicket(stepUpTicket, config.ticketSecrets, said, now),
    expiresIn: TICKET_SECONDS,
  };
}

/** The answer of a passkey works once: its event has the id of the ticket that it was asked for with. */
async function eventIdOf(
  { config, now }: Deps,
  bearer: Bearer,
  act: Act,
  proof: { password: string } | FactorAnswer,
): Promise<string> {
  if (!('assertion' in proof)) return uuidv7();
  const claims = await readTicket(stepUpRequestTicket, config.ticketSecrets, proof.ticket, now());
  if (claims === undefined || !isFor(claims, bearer, act))
    throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  return claims.jti;
}
