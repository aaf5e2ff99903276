import { v4 as uuidv4 } from 'uuid';
import { expect, test } from 'vitest';
import { encodeDeviceToken } from '../../src/guard/device.ts';
import { countersOf } from '../../src/guard/lockout.ts';
import { clientNetwork } from '../../src/lib/client-network.ts';
import { later, openDb } from '../../src/store/db.ts';
import { beginLogin, recordLoginFailure } from '../../src/store/users.ts';
import { query } from '../support/control-client.ts';
import {
  type Answer,
  freshClient,
  type Gatehouse,
  startGatehouse,
  steadyHeaders,
} from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { type Person, person, resident, signUp } from '../support/person.ts';

const LOCKED = { status: 429, body: { code: 'login_locked' } };
const WRONG = { status: 401, body: { code: 'invalid_credentials' } };
/** Hashes wait as long as they must: what is counted here are tries, not refusals for want of room. */
const PATIENT = { PASSWORD_HASH_WAITING: '256', LIMIT_LOGIN: '10000/900' };

type From = { client?: string; deviceToken?: string };

const tryLogin = (
  gatehouse: Gatehouse,
  { email }: Person,
  password: string,
  { client, deviceToken }: From = {},
) =>
  gatehouse.post(
    '/login',
    { email, password, ...(deviceToken && { deviceToken }) },
    { headers: { 'CF-Connecting-IP': client ?? freshClient() } },
  );

async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results = [];
  for (let index = 0; index < count; index++) results.push(await work(index));
  return results;
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status);

async function deviceOf({ config, clock }: Gatehouse, who: Person): Promise<string> {
  const [row] = await query<{ id: string; password_changed_at: string }>(
    'SELECT id, password_changed_at FROM users WHERE email = $1 AND email_verified_at IS NOT NULL',
    [who.email],
  );
  const device = {
    id: uuidv4(),
    userId: row?.id ?? '',
    passwordChangedAt: new Date(row?.password_changed_at ?? ''),
  };
  return encodeDeviceToken(config.refreshTokenSecrets, device, later(clock.now(), 500 * 86_400));
}

test('five failures from one client lock that pair for 30 minutes, and nobody else', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const client = freshClient();
  expect(statuses(await times(5, () => tryLogin(gatehouse, ada, 'a wrong password', { client })))).toEqual(
    Array(5).fill(401),
  );
  const locked = await tryLogin(gatehouse, ada, ada.password, { client });
  expect(locked).toMatchObject(LOCKED);
  expect(Number(locked.headers.get('Retry-After'))).toBeGreaterThan(1_790);
  expect(Number(locked.headers.get('Retry-After'))).toBeLessThanOrEqual(1_800);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);

  gatehouse.clock.travel(1_795);
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
  gatehouse.clock.travel(10);
  expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
});

test('four failures and a success start anew, and so does the next quarter of an hour', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const client = freshClient();
  for (const _ of [1, 2]) {
    await guess(gatehouse, ada.email, 4, () => client);
    expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
  }
  await guess(gatehouse, ada.email, 4, () => client);
  gatehouse.clock.travel(901);
  const next = await guess(gatehouse, ada.email, 4, () => client);
  expect(next.some(({ isLocked }) => isLocked)).toBe(false);
});

test('an address that nobody has is locked like one that somebody has, and answered alike all the way', async () => {
  const gatehouse = startGatehouse();
  const [known, unknown] = [await resident(gatehouse), person('nobody')];
  const [one, other] = [freshClient(), freshClient()];
  for (let time = 0; time < 7; time++) {
    const first = await gatehouse.tripsOf(() =>
      tryLogin(gatehouse, known, 'a wrong password', { client: one }),
    );
    const second = await gatehouse.tripsOf(() =>
      tryLogin(gatehouse, unknown, 'a wrong password', { client: other }),
    );
    expect([first.count, second.count]).toEqual([2, 2]);
    expect(second.answer.status).toBe(time < 5 ? 401 : 429);
    expect({ ...second.answer.body, requestId: '' }).toEqual({ ...first.answer.body, requestId: '' });
    const headers = [first, second].map(({ answer }) =>
      steadyHeaders(answer).filter(([name]) => name !== 'retry-after'),
    );
    expect(headers[1]).toEqual(headers[0]);
  }
  const rows = await query<{ failures: number }>(
    'SELECT failures FROM failed_login_attempts WHERE user_id = (SELECT id FROM users WHERE email = $1)',
    [known.email],
  );
  expect(rows.map(({ failures }) => failures)).toEqual([5, 5]);
});

test('200 passwords guessed at once get no more than the budget of their client', async () => {
  const gatehouse = startGatehouse();
  const [{ email }, client] = [await resident(gatehouse), freshClient()];
  const verdicts = await guess(gatehouse, email, 200, () => client);
  expect(verdicts.filter(({ isLocked }) => !isLocked)).toHaveLength(5);
});

test('200 passwords guessed at once from as many networks get the budget of all strangers', async () => {
  const gatehouse = startGatehouse();
  const { email } = await resident(gatehouse);
  const verdicts = await guess(gatehouse, email, 200, freshClient);
  expect(verdicts.filter(({ isLocked }) => !isLocked)).toHaveLength(20);
});

/** The first half of so many logins, all at the same time: the half that counts. */
const guess = ({ config, clock }: Gatehouse, email: string, count: number, client: () => string) => {
  const db = openDb(config);
  const one = () => ({
    email,
    counters: countersOf(config, email, clientNetwork(client())?.client ?? null, undefined),
    device: undefined,
  });
  return Promise.all(Array.from({ length: count }, () => beginLogin(db, one(), clock.now())));
};

test('guesses that race through the front door get no more either', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = await resident(gatehouse);
  const client = freshClient();
  const answers = await Promise.all(
    Array.from({ length: 9 }, (_, index) => tryLogin(gatehouse, ada, `guess number ${index}`, { client })),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
});

test('strangers become slower and slower: 30 s, 1, 2, 5, 15 and 15 minutes', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '2' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada.email, 2, freshClient);
  for (const wait of [30, 60, 120, 300, 900, 900]) {
    const locked = await tryLogin(gatehouse, ada, ada.password);
    expect(locked).toMatchObject(LOCKED);
    expect(Math.abs(Number(locked.headers.get('Retry-After')) - wait)).toBeLessThan(3);
    gatehouse.clock.travel(wait + 1);
    expect(await guess(gatehouse, ada.email, 1, freshClient)).toMatchObject([{ isLocked: false }]);
  }
  gatehouse.clock.travel(3_601);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('ever new networks guess at one victim: on a known device the victim always gets in, the guesses run dry', async () => {
  const gatehouse = startGatehouse({ LIMIT_LOGIN: '10000/900' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  let judged = 0;
  for (let hour = 0; hour < 8; hour++) {
    for (let minute = 0; minute < 60; minute += 15) {
      const guesses = await guess(gatehouse, ada.email, 6, freshClient);
      judged += guesses.filter(({ isLocked }) => !isLocked).length;
      gatehouse.clock.travel(900);
    }
    expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status, `hour ${hour}`).toBe(200);
  }
  // 20 at first, then one each time that a wait is over: 192 were made.
  expect(judged).toBeLessThanOrEqual(20 + 8 * 4);
});

test('a known device has a budget of its own, which strangers neither use nor see', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const [deviceToken, other] = [await deviceOf(gatehouse, ada), await deviceOf(gatehouse, ada)];
  expect(
    statuses(await times(5, () => tryLogin(gatehouse, ada, 'a wrong password', { deviceToken }))),
  ).toEqual(Array(5).fill(401));
  expect(await tryLogin(gatehouse, ada, ada.password, { deviceToken })).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken: other })).status).toBe(200);
});

test("a device token that is forged, or somebody else's, is a stranger's", async () => {
  const gatehouse = startGatehouse();
  const [ada, mallory] = [await resident(gatehouse), await resident(gatehouse, 'mallory')];
  const own = await deviceOf(gatehouse, ada);
  const tokens = ['x', `${own.slice(0, -2)}AA`, await deviceOf(gatehouse, mallory)];
  const client = freshClient();
  await guess(gatehouse, ada.email, 5, () => client);
  for (const deviceToken of tokens)
    expect(await tryLogin(gatehouse, ada, ada.password, { client, deviceToken })).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password, { client, deviceToken: own })).status).toBe(200);
});

test('failures in a row switch the password off for unknown devices, and the owner is told once', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '6', LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  await guess(gatehouse, ada.email, 5, freshClient);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  gatehouse.clock.travel(400 * 86_400);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);

  const notices = async () =>
    (await messagesTo(ada.email)).filter(
      ({ subject }) => subject === 'Your Gatehouse password is switched off',
    );
  await expect.poll(notices, { timeout: 5_000 }).toHaveLength(1);
  const events = await query(
    'SELECT FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind = $2',
    [ada.email, 'password.disabled'],
  );
  expect(events).toHaveLength(1);
});

test('the failures in a row end with any success', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '4' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  for (const from of [{}, { deviceToken }, {}]) {
    await guess(gatehouse, ada.email, 3, freshClient);
    expect((await tryLogin(gatehouse, ada, ada.password, from)).status).toBe(200);
  }
});

test('logins that race with the right password leave no lock behind', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = await resident(gatehouse);
  const client = freshClient();
  const racing = await Promise.all(
    Array.from({ length: 8 }, () => tryLogin(gatehouse, ada, ada.password, { client })),
  );
  expect(racing.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
  expect(statuses(await times(4, () => tryLogin(gatehouse, ada, ada.password, { client })))).toEqual(
    Array(4).fill(200),
  );
});

test('a right password on an unproven sign-up is no failure, a wrong one is', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  await signUp(gatehouse, ada);
  const client = freshClient();
  expect(statuses(await times(7, () => tryLogin(gatehouse, ada, ada.password, { client })))).toEqual(
    Array(7).fill(403),
  );
  await guess(gatehouse, ada.email, 5, () => client);
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
});

test('the right password of a decoy counts for nothing, so that no stranger clears the counters of an owner', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const decoy = { ...person('mallory'), email: ada.email };
  expect((await gatehouse.post('/signup', decoy)).status).toBe(200);
  const client = freshClient();
  await guess(gatehouse, ada.email, 4, () => client);
  expect((await tryLogin(gatehouse, ada, decoy.password, { client })).status).toBe(403);
  expect(await tryLogin(gatehouse, ada, 'a wrong password', { client })).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
});

test('a login after ten failures is told to the owner, with their number, whatever the device', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  const told = async () =>
    (await messagesTo(ada.email)).filter(({ subject }) => /after failed attempts/.test(subject));
  await guess(gatehouse, ada.email, 9, freshClient);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  await guess(gatehouse, ada.email, 12, freshClient);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  await expect.poll(told, { timeout: 5_000 }).toHaveLength(1);
  expect((await told())[0]?.text).toContain('after 12 attempts');
});

test('a live session gets five guesses at its password; a right one clears them, and a weak new one costs none', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const token = (await tryLogin(gatehouse, ada, ada.password)).body.data.accessToken;
  const change = (currentPassword: string, newPassword = ada.password) =>
    gatehouse.post('/change-password', { currentPassword, newPassword }, { token });
  for (const tries of [4, 5]) {
    expect(statuses(await times(tries, () => change('a wrong password')))).toEqual(Array(tries).fill(403));
    if (tries === 4) expect((await change(ada.password, ada.email)).body.code).toBe('password_blocked');
    if (tries === 4) expect((await change(ada.password)).status).toBe(200);
  }
  expect(await change(ada.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('a reset ends the lock', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const client = freshClient();
  await guess(gatehouse, ada.email, 20, () => client);
  const [before] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await nextMessageTo(ada.email, before && { after: before }));
  const newPassword = 'a brand new kettle';
  expect((await gatehouse.post('/reset-password', { token, newPassword })).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, newPassword, { client })).status).toBe(200);
});

test('an account that is deleted while a password is judged is a failure like any other', async () => {
  const gatehouse = startGatehouse();
  const counters = countersOf(gatehouse.config, person().email, null, undefined);
  const failure = {
    reason: 'wrong_password',
    userId: uuidv4(),
    counters,
    isKnownDevice: false,
    isLast: true,
  } as const;
  const caller = { client: null, userAgent: null, place: null, requestId: uuidv4() };
  const recorded = recordLoginFailure(openDb(gatehouse.config), failure, caller, gatehouse.clock.now());
  await expect(recorded).resolves.toBeUndefined();
});

test('a try that found no room to be hashed is not held against anyone', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '0', LOGIN_TRIES: '2' });
  const ada = await resident(gatehouse);
  const client = freshClient();
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all([1, 2].map(() => tryLogin(gatehouse, ada, ada.password, { client })));
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
  }
  expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
});

test('the counters name no address and no client', async () => {
  const gatehouse = startGatehouse();
  const nobody = person('nobody');
  await tryLogin(gatehouse, nobody, 'a wrong password', { client: '198.51.100.77' });
  const rows = await query<{ row: unknown }>('SELECT to_jsonb(a) AS row FROM failed_login_attempts a');
  expect(JSON.stringify(rows)).not.toMatch(/nobody|198\.51|@/);
});

test('counters that are over are swept by those who come next', async () => {
  const gatehouse = startGatehouse();
  await tryLogin(gatehouse, person('nobody'), 'a wrong password');
  const old = () =>
    query<{ count: string }>(
      "SELECT count(*) FROM failed_login_attempts WHERE expires_at < now() + interval '31 days'",
    );
  expect(Number((await old())[0]?.count)).toBeGreaterThan(0);
  gatehouse.clock.travel(62 * 86_400);
  for (let time = 0; time < 50 && Number((await old())[0]?.count) > 0; time++)
    await guess(gatehouse, person('nobody').email, 1, freshClient);
  expect(Number((await old())[0]?.count)).toBe(0);
});
