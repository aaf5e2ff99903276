/** The passkeys of the bearer. One is added in two steps, as an authenticator app is: the proof first, then the device. */
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Bearer, Caller } from '../caller.ts';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { addPasskey, beginRegistration, removePasskey } from '../store/own-passkeys.ts';
import { challengeFor } from '../token/passkey-request.ts';
import { personClaims, readTicket, signTicket, TICKET_SECONDS, ticketKind } from '../token/ticket.ts';
import { type Attestation, COSE_ALGORITHMS } from './passkey-fields.ts';
import { noLongerProven, type Proof, prove } from './prove.ts';

/** `jti` is the id of the passkey that it may add. */
const registrationTicket = ticketKind('register', { ...personClaims, sid: z.uuid() });

/** WebAuthn section 14.6.1: random, and nothing about the person. */
const HANDLE_BYTES = 64;

/**
 * What a page hands to `navigator.credentials.create()`, and the ticket for its answer. The proof comes before the device
 * makes a key: after a wrong password there would be a passkey on it that nobody knows.
 *
 * @throws Refusal as `prove`
 */
export async function beginPasskey(deps: Deps, caller: Caller, bearer: Bearer, proof: Proof) {
  const { config } = deps;
  const proven = await prove(deps, caller, bearer, proof, { purpose: 'add-passkey' });
  const begun = await undoTryOnError(deps, proven, () =>
    beginRegistration(deps.db, proven, randomBytes(HANDLE_BYTES), caller, deps.now()),
  );
  if (begun === undefined) throw noLongerProven(proven);
  for (const id of begun.mails) deps.after(deps.mailQueue.send({ id }));
  const { userId: sub, sessionId: sid } = bearer;
  const { email, name, passwordChangedAt, mfaEpoch: epo } = proven;
  const said = { jti: uuidv7(), sub, sid, pwv: passwordChangedAt.getTime(), epo };
  const ticket = await signTicket(registrationTicket, config.ticketSecrets, said, deps.now());
  const options = {
    challenge: challengeFor(ticket),
    rp: { id: relyingParty(config).rpId, name: config.productName },
    user: { id: base64url(begun.userHandle), name: email, displayName: name },
    pubKeyCredParams: COSE_ALGORITHMS.map((alg) => ({ type: 'public-key' as const, alg })),
    authenticatorSelection: {
      residentKey: 'required' as const,
      requireResidentKey: true as const,
      userVerification: 'required' as const,
    },
    attestation: 'none' as const,
    excludeCredentials: begun.credentialIds.map((id) => ({
      type: 'public-key' as const,
      id: base64url(id),
    })),
    timeout: TICKET_SECONDS * 1_000,
  };
  return { options, ticket, expiresIn: TICKET_SECONDS };
}

/** @throws Refusal `invalid_ticket`; `validation_failed`, without a trip, for what no authenticator of ours answers */
export async function finishPasskey(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { ticket, attestation, name }: { ticket: string; attestation: Attestation; name: string },
): Promise<{ id: string }> {
  const { config } = deps;
  const now = deps.now();
  const claims = await readTicket(registrationTicket, config.ticketSecrets, ticket, now);
  if (claims === undefined || claims.sub !== bearer.userId || claims.sid !== bearer.sessionId)
    throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const party = relyingParty(config);
  const { judgeAttestation } = await import('./webauthn.ts');
  const made = await judgeAttestation(party, challengeFor(ticket), attestation);
  if (typeof made === 'string') {
    const errors = [
      { path: 'attestation', message: 'is not what an authenticator answers to these options' },
    ];
    throw new Refusal('validation_failed', { reason: made, members: { errors } });
  }
  const { jti: id, pwv, epo: mfaEpoch } = claims;
  const { transports } = attestation.response;
  const registration = {
    ...bearer,
    ...made,
    id,
    name,
    transports,
    mfaEpoch,
    passwordChangedAt: new Date(pwv),
    rpId: party.rpId,
  };
  const added = await addPasskey(deps.db, registration, caller, now);
  if (added === 'gone') throw sessionEnded();
  if (added === 'void') throw new Refusal('invalid_ticket', { reason: 'used_or_void' });
  deps.after(deps.mailQueue.send({ id: added.mailId }));
  return { id };
}

/** @throws Refusal as `prove`; `not_found` for one that is not there, or not theirs */
export async function removeOwnPasskey(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  id: string,
  proof: Proof,
): Promise<void> {
  const proven = await prove(deps, caller, bearer, proof, { purpose: 'remove-passkey', target: id });
  const removed = await undoTryOnError(deps, proven, () =>
    removePasskey(deps.db, proven, id, caller, deps.now()),
  );
  if (removed === undefined) throw noLongerProven(proven);
  if (!removed.isRemoved) throw new Refusal('not_found', { reason: 'no_such_passkey' });
  for (const mailId of removed.mails) deps.after(deps.mailQueue.send({ id: mailId }));
}

const base64url = (base64: string): string => Buffer.from(base64, 'base64').toString('base64url');
