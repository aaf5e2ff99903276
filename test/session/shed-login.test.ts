/**
 * What a login costs that is not judged: no trip when the hash queue is full, and none when the client is known to
 * be over its limit. A count is undone only where the login's own trip has made it.
 */
import { env } from 'cloudflare:workers';
import { v4 as uuidv4 } from 'uuid';
import { expect, test } from 'vitest';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { login } from '../../src/session/login.ts';
import { wire } from '../../src/wiring.ts';
import { fault, trips } from '../support/control-client.ts';
import { freshClient, type Gatehouse, ONE_WINDOW, startGatehouse } from '../support/gatehouse.ts';
import { countersKept, guess, LOCKED, statuses, tryLogin } from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { person, resident } from '../support/person.ts';

const LIMITED = { status: 429, body: { code: 'rate_limited' } };
const WRONG_PASSWORD = 'a wrong password';

/** What is counted for an address, without the moments at which it expires. */
const counted = async (gatehouse: Gatehouse, who: { email: string }) =>
  (await countersKept(gatehouse, who)).map(({ failures, in_a_row }) => ({ failures, in_a_row }));

test('a login that finds the queue of hashes full goes to neither store', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '1' });
  const [ada, bob] = [await resident(gatehouse), await resident(gatehouse, 'bob')];
  for (const who of [ada, bob]) await guess(gatehouse, who, 1);
  // These two have all the places, and are held on their first trip.
  const held = await hold(
    `SELECT FROM failed_login_attempts WHERE user_id IN (SELECT id FROM users WHERE email IN ($1, $2)) FOR UPDATE`,
    [ada.email, bob.email],
  );
  const busy = [ada, bob].map((who) => tryLogin(gatehouse, who, who.password));
  await held.waitedForBy(2);
  const crowd = async () => {
    const refused = Array.from({ length: 12 }, () => tryLogin(gatehouse, person('crowd'), WRONG_PASSWORD));
    for (const answer of await Promise.all(refused))
      expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  };
  let database = 0;
  const redis = await gatehouse.redisTripsOf(async () => {
    database = (await gatehouse.tripsOf(crowd)).count;
  });
  expect({ database, redis }).toEqual({ database: 0, redis: 0 });
  await held.letGo();
  expect(statuses(await Promise.all(busy))).toEqual([200, 200]);
});

test('a try is counted at the same time as the limits, not after them', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const after = (work: Promise<unknown>) => void work;
  const deps = wire(gatehouse.config, env as unknown as ApiBindings)(after, { trips: 0, ms: 0 }, uuidv4());
  const caller = { client: null, userAgent: null, place: null, requestId: uuidv4() };
  const { email, password } = ada;
  const askedDatabase = async () => (await trips(gatehouse.name)).count > 0;
  await gatehouse.tripsOf(() =>
    login(deps, caller, {
      email,
      password,
      transport: 'body',
      // Waits until the request to the database is there. If it never comes, the test times out.
      spendLimits: () => expect.poll(askedDatabase).toBe(true),
    }),
  );
});

test('the count of a try that the limits refuse is undone, and the next one costs no trip', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=2/${ONE_WINDOW}` });
  const ada = await resident(gatehouse);
  const client = freshClient();
  for (let time = 0; time < 2; time++) await tryLogin(gatehouse, ada, WRONG_PASSWORD, { client });
  const before = await counted(gatehouse, ada);
  const ask = async () =>
    expect(await tryLogin(gatehouse, ada, ada.password, { client })).toMatchObject(LIMITED);
  expect(await gatehouse.hashesOf(ask)).toEqual([]);
  expect(await counted(gatehouse, ada)).toEqual(before);
  expect((await gatehouse.tripsOf(ask)).count).toBe(0);
  expect(await gatehouse.redisTripsOf(ask)).toBe(0);
  expect(await counted(gatehouse, ada)).toEqual(before);
});

test('when the limits refuse a try that the lock has not counted, no count is undone', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=1/${ONE_WINDOW}`, LOGIN_TRIES: '2' });
  const nobody = person('nobody');
  const client = freshClient();
  await guess(gatehouse, nobody, 2, () => client);
  const before = await counted(gatehouse, nobody);
  expect(await tryLogin(gatehouse, nobody, WRONG_PASSWORD, { client })).toMatchObject(LOCKED);
  for (let time = 0; time < 3; time++)
    expect(await tryLogin(gatehouse, nobody, WRONG_PASSWORD, { client })).toMatchObject(LIMITED);
  expect(await counted(gatehouse, nobody)).toEqual(before);
});

test('a flood past the limits buys no guess: twenty at once leave the counters as they were', async () => {
  const gatehouse = startGatehouse({ LIMITS: `login=3/${ONE_WINDOW}`, LOGIN_TRIES: '5' });
  const nobody = person('nobody');
  const client = freshClient();
  const flood = () =>
    Promise.all(
      Array.from({ length: 20 }, () => tryLogin(gatehouse, nobody, WRONG_PASSWORD, { client })),
    ).then(statuses);
  const first = await flood();
  const judged = first.filter((status) => status === 401).length;
  expect(judged).toBeLessThanOrEqual(3);
  expect(await flood()).toEqual(Array.from({ length: 20 }, () => 429));
  expect((await counted(gatehouse, nobody)).map(({ failures }) => failures)).toEqual([judged, judged]);
});

test('a login whose first trip fails leaves its place among the hashes to the next', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '0' });
  const ada = await resident(gatehouse);
  await fault(gatehouse.name, { fail: 'refuse', times: 1 });
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(503);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('a right password whose second trip fails counts as no failure', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  await fault(gatehouse.name, { fail: 'refuse', skip: 1, times: 1 });
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(503);
  const none = { failures: 0, in_a_row: 0 };
  expect(await counted(gatehouse, ada)).toEqual([none, none]);
});
