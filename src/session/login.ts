/**
 * Login by password. It takes two trips and one hash, for every address. The first trip counts the try and reads the
 * account. The second one records the result: a session, or the failure. A failure also looks through the sign-ups
 * that wait at this address. The answer tells nothing but success or failure.
 *
 * The trip of the rate limits runs beside the first one. When the queue of hashes is full, the login is refused before
 * any trip.
 */
import type { Caller, Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import { addressCountOf, countersOf, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal } from '../refusal.ts';
import { type FailedLogin, type LoginFailure, recordLoginFailure } from '../store/login-failures.ts';
import { type Account, beginLogin, type LoginTry, undoTry } from '../store/logins.ts';
import { passwordProof } from '../store/password-proof.ts';
import { type Granted, grant } from './grant.ts';
import type { Owing } from './owing.ts';
import { readShown } from './shown.ts';

export type LoginInput = {
  email: string;
  password: string;
  transport: Transport;
  deviceToken?: string | undefined;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces?: string | undefined;
  /** Counts the request against the limits that cost a trip. @throws Refusal `rate_limited` */
  spendLimits: () => Promise<void>;
};

/**
 * @throws Refusal `invalid_credentials`; `login_locked`, whatever the password is; `email_not_verified`, with the
 * sign-up's id; `overloaded`; `rate_limited`
 */
export async function login(
  deps: Deps,
  caller: Caller,
  input: LoginInput,
): Promise<(Granted & { user: Account }) | Owing> {
  const { email, transport, deviceToken, replaces } = input;
  const { tried, device, match } = await tryPassword(deps, caller, input);
  const { index, rehashed, fitting } = match;

  const user = tried.account;
  const fail = (reason: LoginFailure) =>
    recordFailure(deps, caller, { ...tried, reason, fitting, userId: user?.id ?? null });
  if (tried.isLocked) {
    await fail('locked');
    const headers = { 'Retry-After': String(tried.waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('login_locked', { headers });
  }
  // The record of an imported sign-up opens nothing before its address is proven.
  if (user === null || index !== 0) {
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
  if ('waitSeconds' in granted) {
    const headers = { 'Retry-After': String(granted.waitSeconds) };
    throw new Refusal('rate_limited', { reason: 'enrolment_codes', detail: TOO_MANY_CODES, headers });
  }
  return 'ticket' in granted ? granted : { user, ...granted };
}

const TOO_MANY_CODES =
  'The password is right, but so many codes for a second factor were mailed that there is no other for now. Use one ' +
  'of those, set a new password, or try again after the seconds in Retry-After.';

type Tried = Awaited<ReturnType<typeof beginLogin>> & Pick<LoginTry, 'email' | 'counters'>;

/** Takes a place in the queue of hashes before the first trip, which says what must be hashed. */
async function tryPassword(deps: Deps, caller: Caller, input: LoginInput) {
  const { email, password, deviceToken, spendLimits } = input;
  const hashing = deps.passwords.enter();
  try {
    const device = await decodeDeviceToken(deps.config.refreshTokenSecrets, deviceToken, deps.now());
    const counters = countersOf(deps.config, email, caller.client, device);
    const begin = () => beginLogin(deps.db, { email, counters, device }, deps.now());
    const tried = { ...(await withinLimits(deps, spendLimits, begin, counters)), email, counters };
    // A locked try is hashed as well, so that it takes as long as any other. Its result is not used.
    const judge = (records: string[]) => hashing.match(password, email, records);
    if (tried.isLocked) return { tried, device, match: { ...(await judge([])), fitting: [] } };
    const records = [tried.account?.passwordHash, tried.imported].filter((record) => record != null);
    return { tried, device, match: await undoTryOnError(deps, tried, () => judge(records)) };
  } finally {
    hashing.leave();
  }
}

/**
 * Spends the limits beside the trip that counts the try. When the limits refuse the request, the try is taken out of
 * its counters only if this very trip has counted it. Otherwise a client could gain tries by sending too many
 * requests.
 */
async function withinLimits(
  deps: Deps,
  spendLimits: () => Promise<void>,
  begin: () => ReturnType<typeof beginLogin>,
  counters: Tried['counters'],
): ReturnType<typeof beginLogin> {
  const [limits, begun] = await Promise.allSettled([spendLimits(), begin()]);
  const isCounted = begun.status === 'fulfilled' && !begun.value.isLocked;
  if (limits.status === 'rejected') {
    if (isCounted) deps.after(undoTry(deps.dbAfter, { ...begun.value, counters }));
    throw limits.reason;
  }
  if (begun.status === 'rejected') throw begun.reason;
  return begun.value;
}

/** Gives the id of the sign-up that has this password, if there is one. */
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
