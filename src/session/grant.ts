/**
 * The one door to a session: every way to log in ends here. The caller hands in its proof as a part of the statement
 * that opens the session (store/sessions.ts). So nothing here knows about passwords, and nothing can change between
 * the check of the proof and the new session.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { type Device, encodeDeviceToken, knownDevice } from '../guard/device.ts';
import { later } from '../lib/time.ts';
import { openSession, type Proof } from '../store/sessions.ts';
import type { Claim } from '../store/shown-token.ts';
import { issueTokens, type Tokens } from '../token/issue.ts';
import { hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';

/** How a person proves who they are, by the names of RFC 8176 section 2. */
type AuthenticationMethod = 'pwd';

export type Granting = {
  person: { id: string; email: string; passwordChangedAt: Date };
  amr: readonly AuthenticationMethod[];
  /** Checks once more, in the statement that opens the session, that the proof still holds. */
  proof: Proof;
  transport: Transport;
  device: Device | undefined;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces: Claim | undefined;
};

export type Granted = Tokens & { deviceToken: string };

/** Undefined when the proof does not hold any more. */
export async function grant(deps: Deps, caller: Caller, granting: Granting): Promise<Granted | undefined> {
  const { config } = deps;
  const now = deps.now();
  const { person, amr, transport, device, replaces } = granting;
  const isKnown = knownDevice(device, person);
  const deviceId = isKnown ? device.id : uuidv7();
  const secret = newSessionSecret();
  const session = {
    id: uuidv7(),
    userId: person.id,
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
    { id: deviceId, userId, passwordChangedAt: person.passwordChangedAt, email: person.email },
    later(now, config.deviceTokenSeconds),
  );
  return { ...tokens, deviceToken };
}
