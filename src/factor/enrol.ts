/**
 * Adding an authenticator app. The first step makes the secret, and shows it; nothing is stored. The ticket has the
 * secret in sealed form, so the second step needs no row. Nothing is active before a code of the app came back.
 */
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { acceptProof } from '../store/fresh-proof.ts';
import { addTotp } from '../store/totp-factors.ts';
import { personClaims, readTicket, signTicket, TICKET_SECONDS, ticketKind } from '../token/ticket.ts';
import { noLongerProven, type Proof, prove } from './prove.ts';
import { shownCodes } from './recovery.ts';
import { newSecret, openSecret, sealSecret, shownSecret, stepOf } from './totp.ts';

/** `sid` is the session that asked. A change of the factors makes all tickets void, so this one works once. */
const enrolTicket = ticketKind('enrol', {
  ...personClaims,
  sid: z.uuid(),
  kid: z.string(),
  sealed: z.base64url(),
});

export type Shown = { secret: string; uri: string; qr: string; ticket: string; expiresIn: number };

/** @throws Refusal as `prove` */
export async function beginEnrolment(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  proof: Proof,
): Promise<Shown> {
  const proven = await prove(deps, caller, bearer, proof, { purpose: 'add-totp' });
  const { email, passwordChangedAt, mfaEpoch } = proven;
  const accepted = await undoTryOnError(deps, proven, () => acceptProof(deps.db, proven, caller, deps.now()));
  if (accepted === undefined) throw noLongerProven(proven);
  for (const id of accepted.mails) deps.after(deps.mailQueue.send({ id }));

  const { userId: sub, sessionId: sid } = bearer;
  const said = { jti: uuidv7(), sub, sid, pwv: passwordChangedAt.getTime(), epo: mfaEpoch };
  return showNewSecret(deps, enrolTicket, said, email);
}

/** The secret goes into the ticket, sealed for the person. */
export async function showNewSecret<Said extends { sub: string }>(
  { config, now }: Deps,
  kind: Parameters<typeof signTicket>[0],
  said: Said,
  email: string,
): Promise<Shown> {
  const secret = newSecret();
  const { keyId: kid, bytes } = await sealSecret(config.factorSecrets, secret, said.sub);
  const sealed = Buffer.from(bytes).toString('base64url');
  const ticket = await signTicket(kind, config.ticketSecrets, { ...said, kid, sealed }, now());
  const shown = await shownSecret(secret, { issuer: config.productName, label: email });
  return { ...shown, ticket, expiresIn: TICKET_SECONDS };
}

/**
 * Gives the recovery codes, which are shown once; null when the person has some already.
 * @throws Refusal `invalid_ticket`; `wrong_second_factor`, without a trip
 */
export async function confirmEnrolment(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { ticket, code }: { ticket: string; code: string },
): Promise<{ recoveryCodes: string[] | null }> {
  const { factorSecrets, ticketSecrets } = deps.config;
  const now = deps.now();
  const claims = await readTicket(enrolTicket, ticketSecrets, ticket, now);
  if (claims === undefined || claims.sub !== bearer.userId || claims.sid !== bearer.sessionId)
    throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const sealed = { keyId: claims.kid, bytes: new Uint8Array(Buffer.from(claims.sealed, 'base64url')) };
  const secret = await openSecret(factorSecrets, sealed, bearer.userId);
  if (secret === undefined) throw new Refusal('invalid_ticket', { reason: 'unreadable' });
  const step = await stepOf(secret, code, now);
  if (step === undefined) throw new Refusal('wrong_second_factor', { reason: 'wrong_code' });
  const { pwv, epo: mfaEpoch } = claims;
  const enrolment = { ...bearer, passwordChangedAt: new Date(pwv), mfaEpoch, sealed, step };
  const codes = { setId: uuidv7(), keyId: factorSecrets[0].id };
  const added = await addTotp(deps.db, enrolment, codes, caller, now);
  if (added === 'gone') throw sessionEnded();
  if (added === 'void') throw new Refusal('invalid_ticket', { reason: 'used_or_void' });
  deps.after(deps.mailQueue.send({ id: added.mailId }));
  return { recoveryCodes: added.isNewSet ? shownCodes(factorSecrets, { ...bearer, ...codes }) : null };
}
