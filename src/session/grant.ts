/**
 * The one door to a session: every way to log in ends here. The caller hands in its proof as a part of the statement
 * that opens the session (store/sessions.ts). So nothing here knows about passwords, and nothing can change between
 * the check of the proof and the new session. Here alone it is asked whether a second factor is owed (ASVS 6.3.3,
 * 6.3.4): then a ticket for it is given instead.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import type { ApiConfig } from '../config/read.ts';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { type Device, encodeDeviceToken, knownDevice, type Trust } from '../guard/device.ts';
import { later } from '../lib/time.ts';
import type { Factors } from '../store/factors.ts';
import { type Proof, withholdSession } from '../store/proof.ts';
import { openSession } from '../store/sessions.ts';
import type { Claim } from '../store/shown-token.ts';
import { issueTokens, type Tokens } from '../token/issue.ts';
import { type PasskeyRequest, passkeyRequest } from '../token/passkey-request.ts';
import { hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';
import { loginTicket, signTicket, TICKET_SECONDS } from '../token/ticket.ts';

/**
 * How a person proves who they are, by the names of RFC 8176 section 2; `pop` is a passkey. `mfa` says that it was by two factors, or by one
 * that is both.
 */
export type AuthenticationMethod = 'pwd' | 'otp' | 'pop' | 'mfa';

export type Granting = {
  person: { id: string; email: string; passwordChangedAt: Date; mfaEpoch: number; factors: Factors };
  amr: readonly AuthenticationMethod[];
  /** Checks once more, in the statement that opens the session, that the proof still holds. */
  proof: Proof;
  transport: Transport;
  device: Device | undefined;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces: Claim | undefined;
  /** The id from the ticket that leads here. It opens one session, because that is its primary key. */
  sessionId?: string;
  /** With a second factor: do not ask for it again on this device, for a while. */
  trustDevice?: boolean | undefined;
};

export type Granted = Tokens & { deviceToken: string };

/** What a person can prove next. */
export const factorMethods = ['totp', 'passkey', 'recovery'] as const;

/** No session yet: a second factor is owed. */
export type Owing = {
  mfaRequired: true;
  ticket: string;
  methods: (typeof factorMethods)[number][];
  /** What to ask the browser for, when a passkey is one of the methods. */
  passkeyOptions?: PasskeyRequest;
  expiresIn: number;
};

/** Undefined when the proof does not hold any more. */
export async function grant(
  deps: Deps,
  caller: Caller,
  granting: Granting,
): Promise<Granted | Owing | undefined> {
  const { config } = deps;
  const now = deps.now();
  const { person, amr, transport, device, replaces } = granting;
  const isKnown = knownDevice(device, person);
  const trust = trustOf(config, granting, now);
  if (!amr.includes('mfa') && trust === undefined && owesSecondFactor(person.factors))
    return withhold(deps, granting);
  const deviceId = isKnown ? device.id : uuidv7();
  const secret = newSessionSecret();
  const session = {
    id: granting.sessionId ?? uuidv7(),
    userId: person.id,
    mfaEpoch: person.mfaEpoch,
    secretHash: hashSessionSecret(secret),
    deviceId,
    transport,
    amr,
    idleExpiresAt: later(now, config.sessionIdleSeconds),
    // Whole seconds, as a JWT has them: the expiry in the token and in the row are the same instant.
    expiresAt: new Date(Math.floor(later(now, config.sessionAbsoluteSeconds).getTime() / 1_000) * 1_000),
    isNewDevice: !isKnown,
    replaces,
  };
  const settings = { maxLive: config.sessionsMax, graceSeconds: config.refreshGraceSeconds };
  const opened = await openSession(deps.db, session, granting.proof, settings, caller, now);
  if (opened === undefined) return undefined;
  for (const id of opened.owed) deps.after(deps.mailQueue.send({ id }));

  const { id: sessionId, userId, expiresAt } = session;
  const tokens = await issueTokens(
    config,
    { sessionId, userId, generation: 0, secret, amr, authenticatedAt: now, expiresAt },
    now,
  );
  const deviceToken = await encodeDeviceToken(
    config.refreshTokenSecrets,
    { id: deviceId, userId, passwordChangedAt: person.passwordChangedAt, email: person.email, trust },
    later(now, config.deviceTokenSeconds),
  );
  return { ...tokens, deviceToken };
}

/** Whether a login by password alone is not enough for this person. */
export const owesSecondFactor = ({ totp, passkeys, isRequired }: Factors): boolean =>
  totp || (isRequired && passkeys > 0);

/** Whether this device is trusted, and until when. A login does not renew it: only a second factor begins it again. */
function trustOf(config: ApiConfig, granting: Granting, now: Date): Trust | undefined {
  const { person, amr, device, trustDevice } = granting;
  const { mfaEpoch } = person;
  if (trustDevice && amr.includes('mfa')) return { mfaEpoch, until: later(now, config.trustedDeviceSeconds) };
  const known = knownDevice(device, person) ? device.trust : undefined;
  return known?.mfaEpoch === mfaEpoch && known.until > now ? known : undefined;
}

/** The proof holds, and something is owed: a ticket for it. */
async function withhold(deps: Deps, { person, proof }: Granting): Promise<Owing | undefined> {
  const { id: sub, passwordChangedAt, mfaEpoch, factors } = person;
  if (!(await withholdSession(deps.db, proof, mfaEpoch))) return undefined;
  const said = { jti: uuidv7(), sub, pwv: passwordChangedAt.getTime(), epo: mfaEpoch };
  const methods = factorMethods.filter((method) => has[method](factors));
  const ticket = await signTicket(loginTicket, deps.config.ticketSecrets, said, deps.now());
  return {
    mfaRequired: true,
    ticket,
    methods,
    ...(has.passkey(factors) && { passkeyOptions: passkeyRequest(relyingParty(deps.config), ticket) }),
    expiresIn: TICKET_SECONDS,
  };
}

const has: Record<(typeof factorMethods)[number], (factors: Factors) => boolean> = {
  totp: ({ totp }) => totp,
  passkey: ({ passkeys }) => passkeys > 0,
  recovery: ({ recoveryCodes }) => recoveryCodes > 0,
};
