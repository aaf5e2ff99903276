/**
 * The one door to a session: every way to log in ends here. The caller hands in its proof as a part of the statement
 * that opens the session (store/sessions.ts). So nothing here knows about passwords, and nothing can change between
 * the check of the proof and the new session. Here alone it is asked whether a second factor is owed (ASVS 6.3.3,
 * 6.3.4): then a ticket is given instead (owing.ts).
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import type { ApiConfig } from '../config/read.ts';
import type { Deps } from '../deps.ts';
import { type Device, encodeDeviceToken, knownDevice, type Trust } from '../guard/device.ts';
import { later } from '../lib/time.ts';
import { openSession } from '../store/sessions.ts';
import type { Claim } from '../store/shown-token.ts';
import { issueTokens, type Tokens } from '../token/issue.ts';
import { hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';
import {
  askForEnrolment,
  askForFactor,
  type Held,
  type Owing,
  owesSecondFactor,
  type Proven,
} from './owing.ts';

/**
 * How a person proves who they are, by the names of RFC 8176 section 2; `pop` is a passkey. `mfa` says that it was by two factors, or by one
 * that is both.
 */
export type AuthenticationMethod = 'pwd' | 'otp' | 'pop' | 'mfa';

export type Granting = Proven & {
  amr: readonly AuthenticationMethod[];
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

/** Undefined when the proof does not hold any more. */
export async function grant(
  deps: Deps,
  caller: Caller,
  granting: Granting,
): Promise<Granted | Owing | Held | undefined> {
  const { config } = deps;
  const now = deps.now();
  const { person, amr, transport, device, replaces } = granting;
  const isKnown = knownDevice(device, person);
  const trust = trustOf(config, granting, now);
  if (!amr.includes('mfa') && trust === undefined) {
    if (owesSecondFactor(config, person.factors)) return askForFactor(deps, granting);
    if (config.mfaRequired === 'all') return askForEnrolment(deps, caller, granting);
  }
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

/** Whether this device is trusted, and until when. A login does not renew it: only a second factor begins it again. */
function trustOf(config: ApiConfig, granting: Granting, now: Date): Trust | undefined {
  const { person, amr, device, trustDevice } = granting;
  const { mfaEpoch } = person;
  if (trustDevice && amr.includes('mfa')) return { mfaEpoch, until: later(now, config.trustedDeviceSeconds) };
  const known = knownDevice(device, person) ? device.trust : undefined;
  return known?.mfaEpoch === mfaEpoch && known.until > now ? known : undefined;
}
