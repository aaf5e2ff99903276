/** How long a counter of failures is kept: as long as it can matter, and not a day longer. */
import { expect, test } from 'vitest';
import { freshClient, startStill } from '../support/gatehouse.ts';
import { countersKept, fail, guess, LOCKED, tryLogin } from '../support/guesses.ts';
import { person, resident, signUp } from '../support/person.ts';

const DAY = 86_400;
const OPEN = { LOGIN_STRANGER_TRIES: '1000' };

/** Seconds until each counter of the address expires, rounded to hundreds, shortest first. */
async function kept(gatehouse: ReturnType<typeof startStill>, who: { email: string }): Promise<number[]> {
  const now = gatehouse.clock.now().getTime();
  const rows = await countersKept(gatehouse, who);
  return rows
    .map(({ expires }) => Math.round((Date.parse(`${expires}00`.replace(' ', 'T')) - now) / 100_000) * 100)
    .sort((one, other) => one - other);
}

test('a guess is remembered for the lock of its client, and for a day among those of all strangers', async () => {
  const gatehouse = startStill(OPEN);
  const [nobody, client] = [person('nobody'), freshClient()];
  await guess(gatehouse, nobody, 1, () => client);
  expect(await kept(gatehouse, nobody)).toEqual([1_800, DAY]);
  gatehouse.clock.travel(600);
  await guess(gatehouse, nobody, 2, () => client);
  expect(await kept(gatehouse, nobody)).toEqual([1_800, 3 * DAY]);
  // A locked client keeps its own counter alive, and adds no day to the counter of all strangers.
  await guess(gatehouse, nobody, 2, () => client);
  gatehouse.clock.travel(1_200);
  await guess(gatehouse, nobody, 5, () => client);
  expect(await kept(gatehouse, nobody)).toEqual([1_800, 5 * DAY - 1_200]);
});

test('failures in a row are remembered for 30 days at most, however many, and a success clears them', async () => {
  const gatehouse = startStill(OPEN);
  const ada = await resident(gatehouse);
  await fail(gatehouse, ada, 40);
  expect((await kept(gatehouse, ada)).at(-1)).toBe(30 * DAY);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect((await kept(gatehouse, ada)).at(-1)).toBe(3_600);
});

test('failures in a row that have expired count for nothing, whether or not they have been swept', async () => {
  const gatehouse = startStill({ ...OPEN, LOGIN_FAILURES_IN_A_ROW: '4' });
  const [patient, hasty] = [await resident(gatehouse), await resident(gatehouse, 'bob')];
  for (const who of [patient, hasty]) await guess(gatehouse, who, 3);
  gatehouse.clock.travel(3 * DAY - 60);
  await guess(gatehouse, hasty, 1);
  gatehouse.clock.travel(120);
  await guess(gatehouse, patient, 1);
  expect(await tryLogin(gatehouse, hasty, hasty.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, patient, patient.password)).status).toBe(200);
  // A lock stays, however long nobody tries.
  gatehouse.clock.travel(400 * DAY);
  expect(await tryLogin(gatehouse, hasty, hasty.password)).toMatchObject(LOCKED);
});

test('a right password of an unproven sign-up locks nothing and is remembered no longer than a failure', async () => {
  const gatehouse = startStill({ ...OPEN, LOGIN_FAILURES_IN_A_ROW: '4' });
  const ada = person();
  await signUp(gatehouse, ada);
  await guess(gatehouse, ada, 3);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(403);
  expect((await kept(gatehouse, ada)).at(-1)).toBeLessThanOrEqual(30 * DAY + 3_600);
});
