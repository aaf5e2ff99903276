/**
 * What a login gives instead of a session, when a second factor is owed: a ticket for it, or, for somebody who has none
 * and must (MFA_REQUIRED), a ticket that only enrols.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { ApiConfig } from '../config/read.ts';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { newCode } from '../mail/code.ts';
import { mailboxKeys } from '../mail/recipient.ts';
import type { Factors } from '../store/factors.ts';
import { withholdForEnrolment } from '../store/login-enrolments.ts';
import { type Proof, withholdSession } from '../store/proof.ts';
import { type PasskeyRequest, passkeyRequest } from '../token/passkey-request.ts';
import { enrolmentTicket, loginTicket, signTicket, TICKET_SECONDS } from '../token/ticket.ts';

/** Who has proven what, so far. */
export type Proven = {
  person: { id: string; email: string; passwordChangedAt: Date; mfaEpoch: number; factors: Factors };
  /** Checks once more, in the statement that opens the session, that the proof still holds. */
  proof: Proof;
};

/** What a person can prove next; `enrolment` stands alone. */
export const owedMethods = ['totp', 'passkey', 'recovery', 'enrolment'] as const;

/** No session yet: a second factor is owed. */
export type Owing = {
  mfaRequired: true;
  ticket: string;
  methods: (typeof owedMethods)[number][];
  /** What to ask the browser for, when a passkey is one of the methods. */
  passkeyOptions?: PasskeyRequest;
  expiresIn: number;
};

/** Too many codes of an enrolment were mailed. */
export type Held = { waitSeconds: number };

/** Whether a login by password alone is not enough for this person, who has what it takes. */
export const owesSecondFactor = (
  { mfaRequired }: Pick<ApiConfig, 'mfaRequired'>,
  { totp, passkeys, isRequired }: Factors,
): boolean => totp || (passkeys > 0 && (isRequired || mfaRequired === 'all'));

/** The proof holds, and a second factor is owed. Undefined when it does not hold any more. */
export async function askForFactor(deps: Deps, { person, proof }: Proven): Promise<Owing | undefined> {
  const { mfaEpoch, factors } = person;
  if (!(await withholdSession(deps.db, proof, mfaEpoch))) return undefined;
  const said = { jti: uuidv7(), ...claimsOf(person) };
  const methods = owedMethods.filter((method) => has[method](factors));
  const ticket = await signTicket(loginTicket, deps.config.ticketSecrets, said, deps.now());
  return {
    mfaRequired: true,
    ticket,
    methods,
    ...(has.passkey(factors) && { passkeyOptions: passkeyRequest(relyingParty(deps.config), ticket) }),
    expiresIn: TICKET_SECONDS,
  };
}

/** The proof holds, and there is no factor to ask for. The ticket lives as long as the code that is mailed with it. */
export async function askForEnrolment(
  deps: Deps,
  caller: Caller,
  { person, proof }: Proven,
): Promise<Owing | Held | undefined> {
  const { config } = deps;
  const now = deps.now();
  const [jti, userId] = [uuidv7(), person.id];
  const code = newCode(config, 'enrol', userId, now);
  const [recipientKey] = mailboxKeys(config.mailSecrets, person.email);
  const enrolment = { id: jti, userId, code, recipientKey };
  const withheld = await withholdForEnrolment(deps.db, proof, person.mfaEpoch, enrolment, caller, now);
  if (withheld === undefined) return undefined;
  if (withheld.waitSeconds !== null) return { waitSeconds: withheld.waitSeconds };
  deps.after(deps.mailQueue.send({ id: code.mailId }));
  const said = { jti, ...claimsOf(person) };
  const expiresIn = config.verificationCodeSeconds;
  const ticket = await signTicket(enrolmentTicket, config.ticketSecrets, said, now, expiresIn);
  return { mfaRequired: true, ticket, methods: ['enrolment'], expiresIn };
}

const claimsOf = ({ id: sub, passwordChangedAt, mfaEpoch: epo }: Proven['person']) => ({
  sub,
  pwv: passwordChangedAt.getTime(),
  epo,
});

const has: Record<(typeof owedMethods)[number], (factors: Factors) => boolean> = {
  totp: ({ totp }) => totp,
  passkey: ({ passkeys }) => passkeys > 0,
  recovery: ({ recoveryCodes }) => recoveryCodes > 0,
  enrolment: () => false,
};
