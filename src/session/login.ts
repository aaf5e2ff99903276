/**
 * Login: two trips and one hash, whoever asks. The first trip counts the try and reads the account of the address, the
 * second records what came of it: a session, or the failure, which looks through the sign-ups that wait for that address.
 * Which of the two it was is all that the answer tells.
 */
import type { Caller, Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import { addressCountOf, countersOf, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal } from '../refusal.ts';
import { type FailedLogin, type LoginFailure, recordLoginFailure } from '../store/login-failures.ts';
import { type Account, beginLogin, type LoginTry } from '../store/logins.ts';
import { passwordProof } from '../store/password-proof.ts';
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
): Promise<Granted & { user: Account }> {
  const device = await decodeDeviceToken(deps.config.refreshTokenSecrets, deviceToken, deps.now());
  const counters = countersOf(deps.config, email, caller.client, device);
  const tried = { ...(await beginLogin(deps.db, { email, counters, device }, deps.now())), email, counters };
  const { index, rehashed, fitting } = await judge(deps, tried, password);

  const user = tried.account;
  const fail = (reason: LoginFailure) =>
    recordFailure(deps, caller, { ...tried, reason, fitting, userId: user?.id ?? null });
  if (tried.isLocked) {
    await fail('locked');
    const headers = { 'Retry-After': String(tried.waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('login_locked', { headers });
  }
  if (user === null || index === -1) {
    const reason = user === null ? 'unknown_address' : 'wrong_password';
    const id = await fail(reason);
    if (id === null) throw new Refusal('invalid_credentials', { reason });
    throw new Refusal('email_not_verified', { members: { id } });
  }
  const { passwordChangedAt } = user;
  const proof = passwordProof({ userId: user.id, email, passwordChangedAt, rehashed, tried }, deps.now());
  const held = await readShown(deps, { refreshToken: replaces, deviceToken, transport }, deps.now());
  const granted = await undoTryOnError(deps, tried, () =>
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

/** One hash, also for a try that is refused already, which was not counted and fits nothing. */
async function judge(deps: Deps, { account, ...tried }: Tried, password: string) {
  const match = (records: string[]) => deps.passwords.match(password, tried.email, records);
  if (tried.isLocked) return { ...(await match([])), fitting: [] };
  return undoTryOnError(deps, tried, () => match(account ? [account.passwordHash] : []));
}

/** Gives the id of the sign-up whose password it is. */
async function recordFailure(
  deps: Deps,
  caller: Caller,
  failure: Omit<FailedLogin, 'addresses'>,
): Promise<string | null> {
  const failed = { ...failure, addresses: addressCountOf(deps.config, caller.client) };
  const { mailId, signupId } = await recordLoginFailure(deps.db, failed, caller, deps.now());
  if (mailId !== null) deps.after(deps.mailQueue.send({ id: mailId }));
  return signupId;
}
