import { v4 as uuidv4 } from 'uuid';
import { expect, test } from 'vitest';
import { addressCountOf, countersOf } from '../../src/guard/lockout.ts';
import { openDb } from '../../src/store/db.ts';
import { recordLoginFailure } from '../../src/store/login-failures.ts';
import { freshClient, ONE_WINDOW, startGatehouse, startStill, steadyHeaders } from '../support/gatehouse.ts';
import {
  countersKept,
  guess,
  LOCKED,
  PATIENT,
  statuses,
  times,
  tryLogin,
  WRONG,
} from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { person, resident, signUp } from '../support/person.ts';

test('five failures from one client lock that pair for 30 minutes, and nobody else', async () => {
  const gatehouse = startStill();
  const ada = await resident(gatehouse);
  const client = freshClient();
  await guess(gatehouse, ada, 4, () => client);
  expect(await tryLogin(gatehouse, ada, 'a wrong password', { client })).toMatchObject(WRONG);
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

test('a success after four failures starts the count again, and so does the next quarter of an hour', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const client = freshClient();
  for (const _ of [1, 2]) {
    await guess(gatehouse, ada, 4, () => client);
    expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
  }
  await guess(gatehouse, ada, 4, () => client);
  gatehouse.clock.travel(901);
  const next = await guess(gatehouse, ada, 4, () => client);
  expect(next.some(({ isLocked }) => isLocked)).toBe(false);
});

test('an address without an account is locked like one with an account, with the same answers at each step', async () => {
  // How far the limit is used is in the answers, too.
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2', LIMITS: `login=60/${ONE_WINDOW}` });
  const [known, unknown] = [await resident(gatehouse), person('nobody')];
  const [one, other] = [freshClient(), freshClient()];
  for (let time = 0; time < 4; time++) {
    const first = await gatehouse.tripsOf(() =>
      tryLogin(gatehouse, known, 'a wrong password', { client: one }),
    );
    const second = await gatehouse.tripsOf(() =>
      tryLogin(gatehouse, unknown, 'a wrong password', { client: other }),
    );
    expect([first.count, second.count]).toEqual([2, 2]);
    expect(second.answer.status).toBe(time < 2 ? 401 : 429);
    expect({ ...second.answer.body, requestId: '' }).toEqual({ ...first.answer.body, requestId: '' });
    const headers = [first, second].map(({ answer }) =>
      steadyHeaders(answer).filter(([name]) => name !== 'retry-after'),
    );
    expect(headers[1]).toEqual(headers[0]);
  }
});

test('200 passwords guessed at once get no more than the budget of their client', async () => {
  const gatehouse = startGatehouse();
  const [ada, client] = [await resident(gatehouse), freshClient()];
  const verdicts = await guess(gatehouse, ada, 200, () => client);
  expect(verdicts.filter(({ isLocked }) => !isLocked)).toHaveLength(5);
});

test('200 passwords guessed at once from as many networks get the budget of all strangers', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const verdicts = await guess(gatehouse, ada, 200);
  expect(verdicts.filter(({ isLocked }) => !isLocked)).toHaveLength(20);
});

test('guesses that race through the front door get no more either', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = await resident(gatehouse);
  const client = freshClient();
  const answers = await Promise.all(
    Array.from({ length: 7 }, (_, index) => tryLogin(gatehouse, ada, `guess number ${index}`, { client })),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
});

test('strangers become slower and slower: 30 s, 1, 2, 5, 15 and 15 minutes', async () => {
  const gatehouse = startStill({ LOGIN_STRANGER_TRIES: '2' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 2);
  for (const wait of [30, 60, 120, 300, 900, 900]) {
    const locked = await tryLogin(gatehouse, ada, ada.password);
    expect(locked).toMatchObject(LOCKED);
    expect(locked.headers.get('Retry-After')).toBe(String(wait));
    gatehouse.clock.travel(wait + 1);
    expect(await guess(gatehouse, ada, 1)).toMatchObject([{ isLocked: false }]);
  }
  gatehouse.clock.travel(3_601);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('logins with the right password that race leave no lock behind', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = await resident(gatehouse);
  const client = freshClient();
  const racing = await Promise.all(
    Array.from({ length: 7 }, () => tryLogin(gatehouse, ada, ada.password, { client })),
  );
  expect(racing.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
  const none = { failures: 0, in_a_row: 0, locked_until: null };
  expect(await countersKept(gatehouse, ada)).toMatchObject([none, none]);
  expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
});

test('a right password for an unproven sign-up is no failure, a wrong one is', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2' });
  const ada = person('ada');
  await signUp(gatehouse, ada);
  const client = freshClient();
  expect(statuses(await times(3, () => tryLogin(gatehouse, ada, ada.password, { client })))).toEqual(
    Array(3).fill(403),
  );
  await guess(gatehouse, ada, 2, () => client);
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
});

test('the right password of a decoy counts for nothing, so that no stranger clears the counters of an owner', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const decoy = { ...person('mallory'), email: ada.email };
  expect((await gatehouse.post('/signup', decoy)).status).toBe(200);
  const client = freshClient();
  await guess(gatehouse, ada, 4, () => client);
  expect((await tryLogin(gatehouse, ada, decoy.password, { client })).status).toBe(403);
  expect(await tryLogin(gatehouse, ada, 'a wrong password', { client })).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LOCKED);
});

test('a live session has a budget of guesses at its password; a right one clears them, and a weak new one costs none', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '3' });
  const ada = await resident(gatehouse);
  const token = (await tryLogin(gatehouse, ada, ada.password)).body.data.accessToken;
  const newer = 'a brand new kettle';
  const change = (currentPassword: string, newPassword = newer) =>
    gatehouse.post('/change-password', { currentPassword, newPassword }, { token });
  for (const tries of [2, 3]) {
    const guesses = await times(tries, () => change('a wrong password', 'yet another kettle'));
    expect(statuses(guesses)).toEqual(Array(tries).fill(403));
    if (tries === 2) expect((await change(ada.password, ada.email)).body.code).toBe('password_blocked');
    if (tries === 2) expect((await change(ada.password)).status).toBe(200);
  }
  expect(await change(newer, ada.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, newer)).status).toBe(200);
});

test('an account that is deleted while a password is judged is a failure like any other', async () => {
  const gatehouse = startGatehouse();
  const { email } = person();
  const counters = countersOf(gatehouse.config, email, null, undefined);
  const failure = {
    email,
    fitting: [],
    reason: 'wrong_password',
    userId: uuidv4(),
    counters,
    isKnownDevice: false,
    isLast: true,
    isFirst: true,
    addresses: addressCountOf(gatehouse.config, null),
  } as const;
  const caller = { client: null, userAgent: null, place: null, requestId: uuidv4() };
  const recorded = recordLoginFailure(openDb(gatehouse.config), failure, caller, gatehouse.clock.now());
  await expect(recorded).resolves.toEqual({ mailId: null, signupId: null });
});

test('a try that found no place in the hash queue counts as no failure', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '0', LOGIN_TRIES: '2' });
  const [ada, bob] = [await resident(gatehouse), await resident(gatehouse, 'bob')];
  const client = freshClient();
  await guess(gatehouse, bob, 1);
  const counters =
    'SELECT FROM failed_login_attempts WHERE user_id = (SELECT id FROM users WHERE email = $1)';
  const held = await hold(`${counters} FOR UPDATE`, [bob.email]);
  const busy = tryLogin(gatehouse, bob, bob.password);
  await held.waitedForBy(1);
  const refused = await times(3, () => tryLogin(gatehouse, ada, 'a wrong password', { client }));
  expect(statuses(refused)).toEqual([503, 503, 503]);
  await held.letGo();
  expect((await busy).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { client })).status).toBe(200);
});
