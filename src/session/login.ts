/**
 * Login: two trips and one hash, whoever asks. The first trip reads who the address may be, the second records
 * what came of it: a session, or the failure. Which of the two it was is all that the answer tells.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.ts';
import { type Device, decodeDeviceToken, encodeDeviceToken, knownDevice } from '../guard/device.ts';
import { Refusal } from '../refusal.ts';
import { later } from '../store/db.ts';
import type { Caller } from '../store/events.ts';
import { openSession, type Transport } from '../store/sessions.ts';
import { type Candidate, findCandidates, recordLoginFailure } from '../store/users.ts';
import { mintAccessToken } from '../token/access.ts';
import { encodeRefreshToken, hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';

export type LoginInput = {
  email: string;
  password: string;
  transport: Transport;
  deviceToken?: string | undefined;
};

export type Tokens = { accessToken: string; refreshToken: string; tokenType: 'Bearer'; expiresIn: number };

/** @throws Refusal `invalid_credentials`; `email_not_verified`, with the sign-up's id; `overloaded` */
export async function login(
  deps: Deps,
  caller: Caller,
  { email, password, transport, deviceToken }: LoginInput,
): Promise<Tokens & { user: Candidate; deviceToken: string }> {
  const device = await decodeDeviceToken(deps.config.refreshTokenSecrets, deviceToken, deps.now());
  const candidates = await findCandidates(deps.db, email, deps.now());
  const { index, rehashed } = await deps.passwords.match(
    password,
    email,
    candidates.map((candidate) => candidate.passwordHash),
  );
  const user = candidates[index];

  if (user === undefined) {
    const account = candidates.find((candidate) => candidate.isVerified);
    const reason = candidates.length === 0 ? 'unknown_address' : 'wrong_password';
    await recordLoginFailure(deps.db, reason, account?.id ?? null, caller, deps.now());
    throw new Refusal('invalid_credentials', { reason });
  }
  if (!user.isVerified) {
    await recordLoginFailure(deps.db, 'email_not_verified', user.id, caller, deps.now());
    throw new Refusal('email_not_verified', { members: { id: user.id } });
  }
  return { user, ...(await grant(deps, caller, user, { rehashed, transport, device })) };
}

type GrantInput = { rehashed: string | null; transport: Transport; device: Device | undefined };

async function grant(
  deps: Deps,
  caller: Caller,
  user: Candidate,
  { rehashed, transport, device }: GrantInput,
): Promise<Tokens & { deviceToken: string }> {
  const { config } = deps;
  const now = deps.now();
  const secret = newSessionSecret();
  const isKnown = knownDevice(device, user);
  const session = {
    id: uuidv7(),
    userId: user.id,
    passwordChangedAt: user.passwordChangedAt,
    secretHash: hashSessionSecret(secret),
    idleExpiresAt: later(now, config.sessionIdleSeconds),
    // Whole seconds, as a JWT has them: the expiry in the token and in the row are the same instant.
    expiresAt: new Date(Math.floor(later(now, config.sessionAbsoluteSeconds).getTime() / 1_000) * 1_000),
    transport,
    newDeviceMailId: isKnown ? null : uuidv7(),
    rehashed,
  };
  const opened = await openSession(deps.db, session, config.sessionsMax, caller, now);
  if (opened === undefined)
    throw new Refusal('invalid_credentials', { reason: 'password_changed_meanwhile' });
  if (opened.isNoticeOwed && session.newDeviceMailId !== null)
    deps.after(deps.mailQueue.send({ id: session.newDeviceMailId }));

  const { id: sessionId, userId, expiresAt } = session;
  const access = await mintAccessToken(config, { userId, sessionId, authenticatedAt: now, expiresAt }, now);
  const refreshToken = await encodeRefreshToken(config.refreshTokenSecrets, {
    sessionId,
    generation: 0,
    secret,
    expiresAt,
  });
  const deviceToken = await encodeDeviceToken(
    config.refreshTokenSecrets,
    { id: isKnown ? device.id : uuidv7(), userId, passwordChangedAt: user.passwordChangedAt },
    later(now, config.deviceTokenSeconds),
  );
  return {
    accessToken: access.token,
    refreshToken,
    deviceToken,
    tokenType: 'Bearer',
    expiresIn: access.expiresIn,
  };
}
