import { expect, test } from 'vitest';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { deviceOf, guess, LOCKED, statuses, times, tryLogin } from '../support/guesses.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { resident } from '../support/person.ts';

test('a known device has a budget of its own, which strangers neither use nor see', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2' });
  const ada = await resident(gatehouse);
  const [deviceToken, other] = [await deviceOf(gatehouse, ada), await deviceOf(gatehouse, ada)];
  expect(
    statuses(await times(2, () => tryLogin(gatehouse, ada, 'a wrong password', { deviceToken }))),
  ).toEqual(Array(2).fill(401));
  expect(await tryLogin(gatehouse, ada, ada.password, { deviceToken })).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken: other })).status).toBe(200);
});

test("a device token that is forged, or somebody else's, is a stranger's", async () => {
  const gatehouse = startGatehouse();
  const [ada, mallory] = [await resident(gatehouse), await resident(gatehouse, 'mallory')];
  const own = await deviceOf(gatehouse, ada);
  const tokens = ['x', withOtherMac(own), await deviceOf(gatehouse, mallory)];
  const client = freshClient();
  await guess(gatehouse, ada, 5, () => client);
  for (const deviceToken of tokens)
    expect(await tryLogin(gatehouse, ada, ada.password, { client, deviceToken })).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password, { client, deviceToken: own })).status).toBe(200);
});

test('new networks keep guessing at one victim: a known device always gets in, the guesses run out', async () => {
  const gatehouse = startGatehouse({ LIMITS: 'login=10000/900' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  let judged = 0;
  for (let hour = 0; hour < 8; hour++) {
    for (let minute = 0; minute < 60; minute += 15) {
      const guesses = await guess(gatehouse, ada, 6);
      judged += guesses.filter(({ isLocked }) => !isLocked).length;
      gatehouse.clock.travel(900);
    }
    expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status, `hour ${hour}`).toBe(200);
  }
  // 20 at first, then one after each wait: 52 at most of the 192 that were sent.
  expect(judged).toBeLessThanOrEqual(20 + 8 * 4);
});
