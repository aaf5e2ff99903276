/** One client that tries few passwords for many addresses: below every lock, and reported to the operator. */
import { expect, test } from 'vitest';
import { linesOf } from '../support/console.ts';
import { query } from '../support/control-client.ts';
import { freshClient, type Gatehouse, startGatehouse, startStill } from '../support/gatehouse.ts';
import { PATIENT, statuses, times, tryLogin } from '../support/guesses.ts';
import { person, resident } from '../support/person.ts';

const SPRAY = { ...PATIENT, LOGIN_SPRAY_ADDRESSES: '5' };
const clientOf = (address: string) => `${address.split(':').slice(0, 4).join(':')}::/64`;

const suspected = async (client: string) =>
  (
    await query<{ user_id: string | null }>(
      "SELECT user_id FROM security_events WHERE kind = 'spray.suspected' AND client = $1",
      [clientOf(client)],
    )
  ).length;

const sprayed = (gatehouse: Gatehouse, client: string, count: number) =>
  times(count, () => tryLogin(gatehouse, person('nobody'), 'a common password', { client }));

test('failures for many addresses from one client are recorded once a window, also when they race', async () => {
  const gatehouse = startGatehouse(SPRAY);
  const client = freshClient();
  const known = await resident(gatehouse);
  await tryLogin(gatehouse, known, 'a common password', { client });
  await sprayed(gatehouse, client, 3);
  expect(await suspected(client)).toBe(0);

  await Promise.all([1, 2, 3, 4].map(() => sprayed(gatehouse, client, 1)));
  expect(await suspected(client)).toBe(1);
  await sprayed(gatehouse, client, 2);
  expect(await suspected(client)).toBe(1);

  gatehouse.clock.travel(901);
  await sprayed(gatehouse, client, 4);
  expect(await suspected(client)).toBe(1);
  await sprayed(gatehouse, client, 1);
  expect(await suspected(client)).toBe(2);
});

test('one address that is tried again and again is no spray, nor are right passwords or many clients', async () => {
  const gatehouse = startGatehouse({ ...SPRAY, LOGIN_TRIES: '3' });
  const [client, nobody] = [freshClient(), person('nobody')];
  const answers = await times(6, () => tryLogin(gatehouse, nobody, 'a wrong password', { client }));
  expect(statuses(answers)).toEqual([401, 401, 401, 429, 429, 429]);
  for (const name of ['ada', 'bob', 'cy', 'di', 'eve']) {
    const who = await resident(gatehouse, name);
    expect((await tryLogin(gatehouse, who, who.password, { client })).status).toBe(200);
  }
  const others = await times(5, async () => freshClient());
  for (const other of others) await sprayed(gatehouse, other, 1);
  for (const one of [client, ...others]) expect(await suspected(one)).toBe(0);
});

test('a client that others locked out, so that no address was judged, has sprayed none', async () => {
  const gatehouse = startStill({ ...SPRAY, LOGIN_STRANGER_TRIES: '1', LOGIN_SPRAY_ADDRESSES: '2' });
  const [client, nobody] = [freshClient(), person('nobody')];
  await tryLogin(gatehouse, nobody, 'a common password', { client: freshClient() });
  const answers = await times(3, () => tryLogin(gatehouse, nobody, 'a common password', { client }));
  expect(statuses(answers)).toEqual([429, 429, 429]);
  expect(await suspected(client)).toBe(0);
});

test('a failure for an unknown address is logged with a hash that finds its counters, and with no address', async () => {
  const gatehouse = startGatehouse({ ...SPRAY, LOG_LEVEL: 'info' });
  const [client, nobody, ada] = [freshClient(), person('nobody'), await resident(startGatehouse())];
  const { lines } = await linesOf(async () => {
    for (const who of [nobody, nobody, ada]) await tryLogin(gatehouse, who, 'a wrong password', { client });
    await sprayed(gatehouse, client, 3);
  });
  const logged = lines.map((line) => JSON.parse(line));
  const [first, second, known, , , last] = logged;
  expect(first).toMatchObject({
    reason: 'unknown_address',
    addressHash: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(second.addressHash).toBe(first.addressHash);
  expect(logged[3].addressHash).not.toBe(first.addressHash);
  expect(known).toMatchObject({ reason: 'wrong_password', userId: expect.any(String) });
  expect(known.addressHash).toBeUndefined();
  expect(last.events).toEqual(['login.failed', 'spray.suspected']);
  expect(lines.join()).not.toContain(nobody.email);
  const counters = await query(
    "SELECT FROM failed_login_attempts WHERE encode(owner_key, 'hex') LIKE $1 || '%'",
    [first.addressHash],
  );
  expect(counters).toHaveLength(2);
});

test('the window of a count is never extended: slow failures never add up', async () => {
  const gatehouse = startGatehouse(SPRAY);
  const client = freshClient();
  for (const count of [3, 1, 1]) {
    await sprayed(gatehouse, client, count);
    gatehouse.clock.travel(600);
  }
  expect(await suspected(client)).toBe(0);
});

test('a client is counted once for an address, even if the count of all strangers restarts meanwhile', async () => {
  const gatehouse = startGatehouse({ ...SPRAY, LOGIN_SPRAY_ADDRESSES: '2' });
  const [client, nobody] = [freshClient(), person('nobody')];
  const guess = (from: string) => tryLogin(gatehouse, nobody, 'a common password', { client: from });
  await guess(freshClient());
  gatehouse.clock.travel(3_000);
  await guess(client);
  gatehouse.clock.travel(700);
  await guess(client);
  expect(await suspected(client)).toBe(0);
  await sprayed(gatehouse, client, 1);
  expect(await suspected(client)).toBe(1);
});
