/**
 * The second step of a login: a ticket that a right password has given, and a second factor. Two trips, as the first
 * step takes. The first one counts the try of a code and reads what it is judged by. The second one opens the session
 * and uses the code up in one statement, or records the failure.
 */
import type { Caller, Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken, knownDevice } from '../guard/device.ts';
import { counterOfCodes, countersOf, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal } from '../refusal.ts';
import { type AuthenticationMethod, type Granted, grant } from '../session/grant.ts';
import { readShown } from '../session/shown.ts';
import type { Counter } from '../store/attempts.ts';
import { type FactorFailure, recordFactorFailure } from '../store/factor-failures.ts';
import { beginFactorLogin, type Challenge, type Challenged, factorProof } from '../store/factor-logins.ts';
import type { FactorSpend } from '../store/factor-proof.ts';
import { loginTicket, readTicket } from '../token/ticket.ts';
import { type FactorAnswer, judge } from './judge.ts';
import { credentialIdOf } from './judge-passkey.ts';

export type FactorLoginInput = {
  ticket: string;
  answer: FactorAnswer;
  trustDevice: boolean | undefined;
  transport: Transport;
  deviceToken: string | undefined;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces: string | undefined;
};

const AMR: Record<FactorSpend['method'], readonly AuthenticationMethod[]> = {
  totp: ['pwd', 'otp', 'mfa'],
  recovery: ['pwd', 'otp', 'mfa'],
  passkey: ['pwd', 'pop', 'mfa'],
};

/** @throws Refusal `invalid_ticket`; `wrong_second_factor`, the same for wrong and used; `second_factor_locked` */
export async function loginWithFactor(
  deps: Deps,
  caller: Caller,
  input: FactorLoginInput,
): Promise<Granted & { user: Challenged }> {
  const { config } = deps;
  const { answer } = input;
  const challenge = await challengeOf(deps, input.ticket);
  const codes = 'code' in answer ? [counterOfCodes(config, challenge.userId)] : [];
  const named = 'assertion' in answer ? credentialIdOf(answer.assertion) : undefined;
  const tried = await beginFactorLogin(deps.db, challenge, codes, named, deps.now());
  const fail = (reason: FactorFailure) => recordFailure(deps, caller, challenge, { ...tried, reason });
  if (tried.isLocked) {
    await fail('locked');
    const headers = { 'Retry-After': String(tried.waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('second_factor_locked', { headers });
  }
  const counted = { counters: codes, isKnownDevice: true };
  const { person, judged } = await undoTryOnError(deps, counted, async () => {
    if (tried.person === null) throw new Refusal('invalid_ticket', { reason: 'used_or_void' });
    const judged = await judge(config, tried.person, answer, deps.now());
    return { person: tried.person, judged };
  });
  if ('failure' in judged) {
    await fail(judged.failure);
    throw new Refusal('wrong_second_factor', { reason: judged.failure });
  }
  const granted = await undoTryOnError(deps, counted, () =>
    open(deps, caller, input, { challenge, person, spend: judged.spend, codes }),
  );
  // Another request was faster with this code or this ticket. The person was asked about before.
  if (granted === undefined || !('deviceToken' in granted))
    throw new Refusal('wrong_second_factor', { reason: 'used_meanwhile' });
  return { user: person, ...granted };
}

type Answered = { challenge: Challenge; person: Challenged; spend: FactorSpend; codes: Counter[] };

/** Opens the session of the ticket, in the statement that uses the second factor up. */
async function open(
  deps: Deps,
  caller: Caller,
  { transport, deviceToken, replaces, trustDevice }: FactorLoginInput,
  { challenge, person, spend, codes }: Answered,
) {
  const { config } = deps;
  const now = deps.now();
  const device = await decodeDeviceToken(config.refreshTokenSecrets, deviceToken, now);
  const passwords = {
    counters: countersOf(config, person.email, caller.client, device),
    isKnownDevice: knownDevice(device, person),
  };
  const held = await readShown(deps, { refreshToken: replaces, deviceToken, transport }, now);
  return grant(deps, caller, {
    person,
    amr: AMR[spend.method],
    proof: factorProof(challenge, spend, { codes, passwords }, caller, now),
    transport,
    device,
    replaces: held?.claim,
    sessionId: challenge.sessionId,
    trustDevice,
  });
}

/** @throws Refusal `invalid_ticket`, without a trip, for one that is not ours or has expired */
async function challengeOf({ config, now }: Deps, ticket: string): Promise<Challenge> {
  const claims = await readTicket(loginTicket, config.ticketSecrets, ticket, now());
  if (claims === undefined) throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  const { jti: sessionId, sub: userId, pwv, epo: mfaEpoch } = claims;
  return { sessionId, userId, passwordChangedAt: new Date(pwv), mfaEpoch };
}

async function recordFailure(
  deps: Deps,
  caller: Caller,
  challenge: Challenge,
  failure: { reason: FactorFailure; inARow: number },
): Promise<void> {
  const mailId = await recordFactorFailure(deps.db, challenge, failure, caller, deps.now());
  if (mailId !== null) deps.after(deps.mailQueue.send({ id: mailId }));
}
