/** Counters belong to an address, whether or not it has an account: when they are cleared, and what they hold. */
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { addressCountOf, counterOfSession, counterOwners } from '../../src/guard/lockout.ts';
import { beginConfirmation } from '../../src/store/confirmation.ts';
import { openDb } from '../../src/store/db.ts';
import { deleteAccount } from '../../src/store/deletion.ts';
import { recordLoginFailure } from '../../src/store/login-failures.ts';
import { undoTry } from '../../src/store/logins.ts';
import { completeReset } from '../../src/store/resets.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { query } from '../support/control-client.ts';
import { freshClient, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { countersKept, deviceOf, guess, LOCKED, resetTokenFor, tryLogin } from '../support/guesses.ts';
import { accountWithoutMail } from '../support/outbox.ts';
import { loggedIn, type Person, person, resident, signUp, verify } from '../support/person.ts';

const caller = { client: null, userAgent: null, place: null, requestId: uuidv7() };

async function idOf({ email }: Person): Promise<string> {
  const [row] = await query<{ id: string }>(
    'SELECT id FROM users WHERE email = $1 AND email_verified_at IS NOT NULL',
    [email],
  );
  return row?.id ?? '';
}

async function reset(gatehouse: Gatehouse, who: Person, newPassword: string): Promise<number> {
  const token = await resetTokenFor(gatehouse, who);
  return (await gatehouse.post('/reset-password', { token, newPassword })).status;
}

test('a reset ends every lock of the address, also one that is older than the account', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '12' });
  const [ada, client] = [person(), freshClient()];
  await guess(gatehouse, ada, 12, () => client);
  await guess(gatehouse, ada, 12);
  await verify(gatehouse, await signUp(gatehouse, ada));
  const [userId, deviceToken] = [await idOf(ada), await deviceOf(gatehouse, ada)];
  await tryLogin(gatehouse, ada, 'a wrong password', { deviceToken });
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  expect((await countersKept(gatehouse, ada, userId)).length).toBeGreaterThan(3);

  const newPassword = 'a brand new kettle';
  expect(await reset(gatehouse, ada, newPassword)).toBe(200);
  expect(await countersKept(gatehouse, ada, userId)).toEqual([]);
  expect((await tryLogin(gatehouse, ada, newPassword, { client })).status).toBe(200);
});

test('a deletion also deletes the counters of the address and of its sessions, under every pepper', async () => {
  const before = startGatehouse();
  const after = startGatehouse({
    PASSWORD_PEPPERS: keyKinds.PASSWORD_PEPPERS.rotate(
      (env as unknown as Record<string, string>).PASSWORD_PEPPERS ?? '',
    ),
  });
  const ada = await loggedIn(before);
  const userId = await idOf(ada);
  const remove = (gatehouse: Gatehouse, password: string) =>
    gatehouse.call('DELETE', '/me', { password }, { token: ada.accessToken });
  for (const gatehouse of [before, after]) {
    await guess(gatehouse, ada, 2);
    expect((await remove(gatehouse, 'a wrong password')).status).toBe(403);
  }
  const kept = await countersKept(after, ada, userId);
  // Those of five clients, of all strangers, and of the session.
  expect(kept).toHaveLength(7);
  expect(kept.map(({ failures }) => failures)).toContain(4);
  expect((await remove(after, ada.password)).status).toBe(200);
  expect(await countersKept(after, ada, userId)).toEqual([]);
});

test("a reset and a deletion leave other people's counters alone", async () => {
  const gatehouse = startGatehouse();
  const [bob, ada] = [await resident(gatehouse, 'bob'), await loggedIn(gatehouse)];
  const client = freshClient();
  await guess(gatehouse, bob, 5, () => client);
  expect(await reset(gatehouse, ada, ada.password)).toBe(200);
  const token = (await tryLogin(gatehouse, ada, ada.password)).body.data.accessToken;
  const gone = await gatehouse.call('DELETE', '/me', { password: ada.password }, { token });
  expect(gone.status).toBe(200);
  expect(await tryLogin(gatehouse, bob, bob.password, { client })).toMatchObject(LOCKED);
});

/** Wrong passwords with and without a device, undone tries from known and unknown devices, tries of a session: all at once. */
function hammer(gatehouse: Gatehouse, bearer: Awaited<ReturnType<typeof bearerOfNone>>) {
  const { config, clock } = gatehouse;
  const db = openDb(config);
  const clients = [freshClient(), freshClient(), freshClient()];
  const addresses = addressCountOf(config, freshClient());
  return Array.from({ length: 30 }, async (_, index) => {
    if (index % 5 === 0) {
      const counters = [counterOfSession(config, bearer)];
      await beginConfirmation(db, bearer, counters, clock.now());
      return undoTry(db, { counters, isKnownDevice: true });
    }
    const [tried] = await guess(gatehouse, bearer, 1, () => clients[index % 3] ?? '');
    if (tried === undefined) throw new Error('one try was made');
    if (index % 5 === 1) return undoTry(db, tried);
    const userId = tried.account?.id ?? null;
    await recordLoginFailure(
      db,
      { ...tried, email: bearer.email, fitting: [], userId, reason: 'wrong_password', addresses },
      caller,
      clock.now(),
    );
  });
}

const ROUNDS = 8;
/** No lock can stop a try. */
const OPEN = { LOGIN_STRANGER_TRIES: '1000', LOGIN_TRIES: '100', LOGIN_FAILURES_IN_A_ROW: '1000' };

/** Someone with a session, written directly to the database: these races hash nothing. */
async function bearerOfNone(): Promise<{ email: string; userId: string; sessionId: string }> {
  const [{ id: userId, email }, sessionId] = [await accountWithoutMail(), uuidv7()];
  await query(
    `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
     VALUES ($1, $2, 'x', now(), now() + interval '1 day', now() + interval '1 day', now())`,
    [sessionId, userId],
  );
  return { email, userId, sessionId };
}

test('a deletion in the middle of tries fails none of them, and succeeds', async () => {
  const gatehouse = startGatehouse(OPEN);
  const { config, clock } = gatehouse;
  const db = openDb(config);
  for (let round = 0; round < ROUNDS; round++) {
    const bearer = await bearerOfNone();
    const counters = [counterOfSession(config, bearer)];
    const { own } = await beginConfirmation(db, bearer, counters, clock.now());
    if (own === null) throw new Error('the session lives');
    const owners = counterOwners(config, bearer);
    const tries = hammer(gatehouse, bearer);
    // Some first, so that there are rows to wait for.
    await tries[round];
    const proof = { ...bearer, ...own, counters, isKnownDevice: true, spend: undefined };
    const mails = { toOwn: uuidv7(), toOld: uuidv7() };
    const deleted = deleteAccount(db, proof, owners, mails, caller, clock.now());
    await Promise.all([deleted, ...tries]);
    expect(await deleted).toEqual({ erasedAt: expect.any(Date), mails: [] });
    expect(await query('SELECT FROM users WHERE id = $1', [bearer.userId])).toEqual([]);
  }
});

test('a reset in the middle of tries fails none of them, and succeeds', async () => {
  const gatehouse = startGatehouse(OPEN);
  const { config, clock } = gatehouse;
  const db = openDb(config);
  for (let round = 0; round < ROUNDS; round++) {
    const bearer = await bearerOfNone();
    const tokenId = uuidv7();
    await query(
      `INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
       VALUES ($1, $2, '', 'k', now() + interval '1 hour', now())`,
      [tokenId, bearer.userId],
    );
    const tries = hammer(gatehouse, bearer);
    await tries[round];
    const done = { tokenId, passwordHash: 'x', counterOwners: counterOwners(config, bearer) };
    const completed = completeReset(db, done, caller, clock.now());
    await Promise.all([completed, ...tries]);
    expect(await completed).toEqual({ mailId: expect.any(String) });
  }
});

test('each of several racing tries is counted once in each of its counters, and undone once', async () => {
  const gatehouse = startGatehouse(OPEN);
  const nobody = person('nobody');
  const clients = [freshClient(), freshClient()];
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, index) => guess(gatehouse, nobody, 1, () => clients[index % 2] ?? '')),
  );
  const both = { failures: 15, in_a_row: 15, locked_until: null };
  expect(await countersKept(gatehouse, nobody)).toMatchObject([
    both,
    both,
    { failures: 30, in_a_row: 30, locked_until: null },
  ]);
  await Promise.all(tries.flat().map((tried) => undoTry(openDb(gatehouse.config), tried)));
  const none = { failures: 0, in_a_row: 0, locked_until: null };
  expect(await countersKept(gatehouse, nobody)).toMatchObject([none, none, none]);
});

test('the counters name no address and no client', async () => {
  const gatehouse = startGatehouse();
  const nobody = person('nobody');
  await tryLogin(gatehouse, nobody, 'a wrong password', { client: '198.51.100.77' });
  const rows = await query<{ row: unknown }>('SELECT to_jsonb(a) AS row FROM failed_login_attempts a');
  expect(JSON.stringify(rows)).not.toMatch(/nobody|198\.51|@/);
});

test('expired counters are deleted by the next tries', async () => {
  const gatehouse = startGatehouse();
  const key = uuidv7();
  await query(
    `INSERT INTO failed_login_attempts (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
     VALUES (convert_to($1, 'UTF8'), 'x', 1, 1, now(), now() - interval '1 second')`,
    [key],
  );
  const isKept = async () =>
    (await query(`SELECT FROM failed_login_attempts WHERE key = convert_to($1, 'UTF8')`, [key])).length > 0;
  for (let time = 0; time < 50 && (await isKept()); time++) await guess(gatehouse, person('nobody'), 1);
  expect(await isKept()).toBe(false);
});
