/**
 * The way in for somebody who must have a second factor and has none (MFA_REQUIRED). The right password has given a
 * ticket and owed a mail. The mailed code shows the secret of an authenticator app, and a code of the app adds it and
 * opens the session. So a thief of the password alone adds none, and one of the mailbox alone has no ticket.
 */
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken, knownDevice } from '../guard/device.ts';
import { countersOf } from '../guard/lockout.ts';
import { codeMacs } from '../mail/proof.ts';
import { Refusal } from '../refusal.ts';
import { type Granted, grant } from '../session/grant.ts';
import { readShown } from '../session/shown.ts';
import { beginFactorLogin, type Challenge, type Challenged } from '../store/factor-logins.ts';
import { enrolmentProof, takeEnrolmentCode } from '../store/login-enrolments.ts';
import { enrolmentTicket, personClaims, readTicket, ticketKind } from '../token/ticket.ts';
import { type Shown, showNewSecret } from './enrol.ts';
import type { FactorLoginInput } from './login.ts';
import { shownCodes } from './recovery.ts';
import { openSecret, stepOf } from './totp.ts';

/** `jti` is the id of the session that it may open, with the app whose secret is sealed in it. */
const appTicket = ticketKind('login-app', { ...personClaims, kid: z.string(), sealed: z.base64url() });

/**
 * The code that was mailed. Nothing is stored but that it is used.
 * @throws Refusal `invalid_ticket`, without a trip; `invalid_code`, the same for wrong, used, replaced, expired and exhausted
 */
export async function showAppFor(
  deps: Deps,
  caller: Caller,
  { ticket, code }: { ticket: string; code: string },
): Promise<Shown> {
  const { config } = deps;
  const now = deps.now();
  const claims = await readTicket(enrolmentTicket, config.ticketSecrets, ticket, now);
  if (claims === undefined) throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const { jti: id, sub, pwv, epo } = claims;
  const enrolling = { id, userId: sub, passwordChangedAt: new Date(pwv), mfaEpoch: epo };
  const proof = {
    codeMacs: codeMacs(config.mailSecrets, 'enrol', sub, code),
    maxTries: config.verificationCodeTries,
  };
  const email = await takeEnrolmentCode(deps.db, enrolling, proof, caller, now);
  if (email === undefined) throw new Refusal('invalid_code', { reason: 'not_open_or_wrong_code' });
  return showNewSecret(deps, appTicket, { jti: uuidv7(), sub, pwv, epo }, email);
}

export type EnrolmentInput = Pick<FactorLoginInput, 'ticket' | 'transport' | 'deviceToken' | 'replaces'> & {
  code: string;
};

/**
 * Gives the recovery codes too, which are shown once.
 * @throws Refusal `invalid_ticket`; `wrong_second_factor`, without a trip
 */
export async function enrolAndLogIn(
  deps: Deps,
  caller: Caller,
  input: EnrolmentInput,
): Promise<Granted & { user: Challenged; recoveryCodes: string[] }> {
  const { factorSecrets, ticketSecrets } = deps.config;
  const now = deps.now();
  const claims = await readTicket(appTicket, ticketSecrets, input.ticket, now);
  if (claims === undefined) throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const { jti: sessionId, sub: userId, pwv, epo: mfaEpoch } = claims;
  const sealed = { keyId: claims.kid, bytes: new Uint8Array(Buffer.from(claims.sealed, 'base64url')) };
  const secret = await openSecret(factorSecrets, sealed, userId);
  if (secret === undefined) throw new Refusal('invalid_ticket', { reason: 'unreadable' });
  const step = await stepOf(secret, input.code, now);
  if (step === undefined) throw new Refusal('wrong_second_factor', { reason: 'wrong_code' });
  const challenge = { sessionId, userId, passwordChangedAt: new Date(pwv), mfaEpoch };
  const codes = { setId: uuidv7(), keyId: factorSecrets[0].id };
  const granted = await open(deps, caller, input, challenge, { app: { sealed, step }, codes });
  return { ...granted, recoveryCodes: shownCodes(factorSecrets, { userId, ...codes }) };
}

type Adding = {
  app: Parameters<typeof enrolmentProof>[1];
  codes: Parameters<typeof enrolmentProof>[2];
};

async function open(
  deps: Deps,
  caller: Caller,
  { transport, deviceToken, replaces }: EnrolmentInput,
  challenge: Challenge,
  { app, codes }: Adding,
): Promise<Granted & { user: Challenged }> {
  const { config } = deps;
  const now = deps.now();
  const { person } = await beginFactorLogin(deps.db, challenge, [], undefined, now);
  if (person === null) throw new Refusal('invalid_ticket', { reason: 'used_or_void' });
  const device = await decodeDeviceToken(config.refreshTokenSecrets, deviceToken, now);
  const passwords = {
    counters: countersOf(config, person.email, caller.client, device),
    isKnownDevice: knownDevice(device, person),
  };
  const held = await readShown(deps, { refreshToken: replaces, deviceToken, transport }, now);
  const granted = await grant(deps, caller, {
    person,
    amr: ['pwd', 'otp', 'mfa'],
    proof: enrolmentProof(challenge, app, codes, passwords, caller, now),
    transport,
    device,
    replaces: held?.claim,
    sessionId: challenge.sessionId,
  });
  if (granted === undefined || !('deviceToken' in granted))
    throw new Refusal('invalid_ticket', { reason: 'used_meanwhile' });
  return { user: person, ...granted };
}
