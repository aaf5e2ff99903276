/** Tries of a password: through the front door, where each costs a hash, and as the store alone sees them. */
import { v4 as uuidv4 } from 'uuid';
import { encodeDeviceToken } from '../../src/guard/device.ts';
import { addressCountOf, counterOwners, countersOf } from '../../src/guard/lockout.ts';
import { clientNetwork } from '../../src/lib/client-network.ts';
import { later } from '../../src/lib/time.ts';
import { openDb } from '../../src/store/db.ts';
import { recordLoginFailure } from '../../src/store/login-failures.ts';
import { beginLogin } from '../../src/store/logins.ts';
import { query } from './control-client.ts';
import { type Answer, freshClient, type Gatehouse } from './gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from './mailbox.ts';
import type { Person } from './person.ts';

export const LOCKED = { status: 429, body: { code: 'login_locked' } };
export const WRONG = { status: 401, body: { code: 'invalid_credentials' } };
/** Hashes wait as long as they must: what is counted here are tries, not refusals for want of room. */
export const PATIENT = { PASSWORD_HASH_WAITING: '256', LIMITS: 'login=10000/900' };

type From = { client?: string; deviceToken?: string };

/** A login, from a client of its own unless one is given. */
export const tryLogin = (
  gatehouse: Gatehouse,
  { email }: Pick<Person, 'email'>,
  password: string,
  { client, deviceToken }: From = {},
) =>
  gatehouse.post(
    '/login',
    { email, password, ...(deviceToken && { deviceToken }) },
    { headers: { 'CF-Connecting-IP': client ?? freshClient() } },
  );

/** One after the other. */
export async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results = [];
  for (let index = 0; index < count; index++) results.push(await work(index));
  return results;
}

export const statuses = (answers: Answer[]) => answers.map(({ status }) => status);

/** The first half of so many logins from strangers, all at the same time: the half that counts. No hash. */
export const guess = (
  { config, clock }: Gatehouse,
  { email }: Pick<Person, 'email'>,
  count: number,
  client: () => string = freshClient,
) => {
  const db = openDb(config);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const counters = countersOf(config, email, clientNetwork(client())?.client ?? null, undefined);
      return { ...(await beginLogin(db, { email, counters, device: undefined }, clock.now())), counters };
    }),
  );
};

/** Both halves of so many wrong passwords, without the hash between them. */
export async function fail(gatehouse: Gatehouse, who: Pick<Person, 'email'>, count: number): Promise<void> {
  const { config, clock } = gatehouse;
  const caller = { client: null, userAgent: null, place: null, requestId: uuidv4() };
  const addresses = addressCountOf(config, freshClient());
  for (const tried of await guess(gatehouse, who, count)) {
    const userId = tried.account?.id ?? null;
    const reason = tried.isLocked ? 'locked' : 'wrong_password';
    const failure = { ...tried, email: who.email, fitting: [], userId, reason, addresses } as const;
    await recordLoginFailure(openDb(config), failure, caller, clock.now());
  }
}

/** The token of a device that the person has logged in from. */
export async function deviceOf({ config, clock }: Gatehouse, who: Person): Promise<string> {
  const [row] = await query<{ id: string; password_changed_at: string }>(
    'SELECT id, password_changed_at FROM users WHERE email = $1 AND email_verified_at IS NOT NULL',
    [who.email],
  );
  const device = {
    id: uuidv4(),
    userId: row?.id ?? '',
    passwordChangedAt: new Date(row?.password_changed_at ?? ''),
    email: who.email,
  };
  return encodeDeviceToken(config.refreshTokenSecrets, device, later(clock.now(), 500 * 86_400));
}

/** What is counted for an address, and for the sessions of the person who has it. */
export const countersKept = (
  { config }: Gatehouse,
  { email }: Pick<Person, 'email'>,
  userId: string = uuidv4(),
) =>
  query<{ failures: number; in_a_row: number; locked_until: string | null; expires: string }>(
    `SELECT failures, in_a_row, locked_until, expires_at::text AS expires FROM failed_login_attempts
     WHERE owner_key IN (SELECT decode(key, 'hex') FROM unnest($1::text[]) AS key) ORDER BY failures, key`,
    [counterOwners(config, { email, userId }).map((key) => Buffer.from(key).toString('hex'))],
  );

/** The token of a reset link that the person has been mailed. */
export async function resetTokenFor(gatehouse: Gatehouse, { email }: Person): Promise<string> {
  const [before] = await messagesTo(email);
  expectDone(await gatehouse.post('/forgot-password', { email }));
  return linkTokenIn(await nextMessageTo(email, before && { after: before }));
}

function expectDone({ status, body }: Answer): void {
  if (status !== 200) throw new Error(`forgot-password was answered ${status}: ${JSON.stringify(body)}`);
}
