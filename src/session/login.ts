/**
 * Login: two trips and one hash, whoever asks. The first trip counts the try and reads who the address may be, the
 * second records what came of it: a session, or the failure. Which of the two it was is all that the answer tells.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.ts';
import { type Device, decodeDeviceToken, encodeDeviceToken, knownDevice } from '../guard/device.ts';
import { addressCountOf, countersOf, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { takingBack } from '../guard/taking-back.ts';
import { Refusal } from '../refusal.ts';
import { later } from '../store/db.ts';
import type { Caller } from '../store/events.ts';
import { type FailedLogin, type LoginFailure, recordLoginFailure } from '../store/login-failures.ts';
import { openSession, type Transport } from '../store/sessions.ts';
import { beginLogin, type Candidate, type LoginTry } from '../store/users.ts';
import { mintAccessToken } from '../token/access.ts';
import { encodeRefreshToken, hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';

export type LoginInput = {
  email: string;
  password: string;
  transport: Transport;
  deviceToken?: string | undefined;
};

export type Tokens = { accessToken: string; refreshToken: string; tokenType: 'Bearer'; expiresIn: number };

/**
 * @throws Refusal `invalid_credentials`; `login_locked`, whatever the password is; `email_not_verified`, with the
 * sign-up's id; `overloaded`
 */
export async function login(
  deps: Deps,
  caller: Caller,
  { email, password, transport, deviceToken }: LoginInput,
): Promise<Tokens & { user: Candidate; deviceToken: string }> {
  const device = await decodeDeviceToken(deps.config.refreshTokenSecrets, deviceToken, deps.now());
  const counters = countersOf(deps.config, email, caller.client, device);
  const tried = { ...(await beginLogin(deps.db, { email, counters, device }, deps.now())), email, counters };
  const { index, rehashed } = await judge(deps, tried, password);

  const account = tried.candidates.find((candidate) => candidate.isVerified);
  const fail = (reason: LoginFailure, userId = account?.id ?? null) =>
    recordFailure(deps, caller, { ...tried, reason, userId });
  if (tried.isLocked) {
    await fail('locked');
    const headers = { 'Retry-After': String(tried.waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('login_locked', { headers });
  }
  const user = tried.candidates[index];
  if (user === undefined) {
    const reason = tried.candidates.length === 0 ? 'unknown_address' : 'wrong_password';
    await fail(reason);
    throw new Refusal('invalid_credentials', { reason });
  }
  if (!user.isVerified) {
    await fail('email_not_verified', user.id);
    throw new Refusal('email_not_verified', { members: { id: user.id } });
  }
  return { user, ...(await grant(deps, caller, user, { rehashed, transport, device, tried })) };
}

type Tried = Awaited<ReturnType<typeof beginLogin>> & Pick<LoginTry, 'email' | 'counters'>;

/** One hash, also for a try that is refused already, which was not counted. */
function judge(deps: Deps, tried: Tried, password: string) {
  const match = (records: string[]) => deps.passwords.match(password, tried.email, records);
  if (tried.isLocked) return match([]);
  return takingBack(deps, tried, () => match(tried.candidates.map(({ passwordHash }) => passwordHash)));
}

async function recordFailure(
  deps: Deps,
  caller: Caller,
  failure: Omit<FailedLogin, 'addresses'>,
): Promise<void> {
  const failed = { ...failure, addresses: addressCountOf(deps.config, caller.client) };
  const mailId = await recordLoginFailure(deps.db, failed, caller, deps.now());
  if (mailId !== undefined) deps.after(deps.mailQueue.send({ id: mailId }));
}

type GrantInput = {
  rehashed: string | null;
  transport: Transport;
  device: Device | undefined;
  tried: Tried;
};

async function grant(
  deps: Deps,
  caller: Caller,
  user: Candidate,
  { rehashed, transport, device, tried }: GrantInput,
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
    isNewDevice: !isKnown,
    noticeId: uuidv7(),
    rehashed,
  };
  const opened = await takingBack(deps, tried, () =>
    openSession(deps.db, session, { tried, maxLive: config.sessionsMax }, caller, now),
  );
  if (opened === undefined)
    throw new Refusal('invalid_credentials', { reason: 'password_changed_meanwhile' });
  if (opened.isNoticeOwed) deps.after(deps.mailQueue.send({ id: session.noticeId }));

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
    {
      id: isKnown ? device.id : uuidv7(),
      userId,
      passwordChangedAt: user.passwordChangedAt,
      email: tried.email,
    },
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
