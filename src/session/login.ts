/**
 * Login: two trips and one hash, whoever asks. The first trip counts the try and reads who the address may be, the
 * second records what came of it: a session, or the failure. Which of the two it was is all that the answer tells.
 */
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import { addressCountOf, countersOf, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { takingBack } from '../guard/taking-back.ts';
import { Refusal } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import { type FailedLogin, type LoginFailure, recordLoginFailure } from '../store/login-failures.ts';
import { passwordProof } from '../store/password-proof.ts';
import type { Transport } from '../store/shown-token.ts';
import { beginLogin, type Candidate, type LoginTry } from '../store/users.ts';
import { type Granted, grant } from './grant.ts';
import { readShown } from './shown.ts';

export type LoginInput = {
  email: string;
  password: string;
  transport: Transport;
  deviceToken?: string | undefined;
  /** The refresh token that a browser holds from an earlier login: that session ends. */
  replaces?: string | undefined;
};

/**
 * @throws Refusal `invalid_credentials`; `login_locked`, whatever the password is; `email_not_verified`, with the
 * sign-up's id; `overloaded`
 */
export async function login(
  deps: Deps,
  caller: Caller,
  { email, password, transport, deviceToken, replaces }: LoginInput,
): Promise<Granted & { user: Candidate }> {
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
  const { passwordChangedAt } = user;
  const proof = passwordProof({ userId: user.id, email, passwordChangedAt, rehashed, tried }, deps.now());
  const held = await readShown(deps, { refreshToken: replaces, deviceToken, transport }, deps.now());
  const granted = await takingBack(deps, tried, () =>
    grant(deps, caller, {
      person: user,
      amr: ['pwd'],
      proof,
      transport,
      device,
      replaces: held?.claim,
    }),
  );
  if (granted === undefined) throw new Refusal('invalid_credentials', { reason: 'changed_meanwhile' });
  return { user, ...granted };
}

type Tried = Awaited<ReturnType<typeof beginLogin>> & Pick<LoginTry, 'email' | 'counters'>;

/** One hash, also for a try that is refused already, which was not counted. */
function judge(deps: Deps, tried: Tried, password: string) {
  const match = (records: string[]) => deps.passwords.match(password, tried.email, records);
  if (tried.isLocked) return match([]);
  return takingBack(deps, tried, () =>
    match(tried.candidates.flatMap(({ passwordHash }) => passwordHash ?? [])),
  );
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
