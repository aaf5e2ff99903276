/** The table of docs/decisions/0011: who may show the token that was exchanged for the live one, and when. */
import { expect, test } from 'vitest';
import { startAllowing } from '../support/browser.ts';
import { freshClient, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { loggedIn, login } from '../support/person.ts';
import { bodyClient, cookieClient, type Held, REFUSED, type Refresher } from '../support/refresher.ts';

const CLIENTS = [
  ['a body session', bodyClient],
  ['a cookie session', cookieClient],
] as const;

/** Both are worthless from now on, the owner is mailed once, and the history says why. */
async function expectReuse(client: Refresher, held: Held, live: string): Promise<void> {
  expect(await client.show(held)).toMatchObject(REFUSED);
  expect(await client.show({ ...client.held, refreshToken: live })).toMatchObject(REFUSED);
  expect(await endsOf(client.who.email)).toContain('refresh_token_reused');
  expect(await eventsOf(client.who.email, 'token.%')).toEqual(['token.reuse_detected']);
  expect(await mailsOwedTo(client.who.email, 'refresh_token_reused')).toBe(1);
}

/** A client whose token has just been exchanged, and what it was exchanged for. */
async function exchanged(
  gatehouse: Gatehouse,
  start: (gatehouse: Gatehouse) => Promise<Refresher>,
): Promise<{ client: Refresher; live: string }> {
  const client = await start(gatehouse);
  return { client, live: client.given(await client.show()) };
}

test.each(CLIENTS)(
  '%s, its own device, within 10 s: the same successor, whatever network',
  async (_, start) => {
    const gatehouse = startAllowing();
    const { client, live } = await exchanged(gatehouse, start);
    gatehouse.clock.travel(5);
    for (const network of [freshClient(), freshClient(), '203.0.113.7'])
      expect(client.given(await client.show(client.held, network))).toBe(live);
    // An everyday thing, not worth a line of the history.
    expect(await eventsOf(client.who.email, 'token.%')).toEqual([]);
    expect((await client.show({ ...client.held, refreshToken: live })).status).toBe(200);
  },
);

test.each(CLIENTS)(
  '%s, its own device, later: a new successor, the same for all who wake with it',
  async (_, start) => {
    const gatehouse = startAllowing();
    const { client, live: withheld } = await exchanged(gatehouse, start);
    gatehouse.clock.travel(3_600);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.show()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [next = '', ...others] = new Set(answers.map(client.given));
    expect(others).toEqual([]);
    expect(next).not.toBe(withheld);
    expect(await eventsOf(client.who.email, 'token.%')).toEqual(['token.grace']);
    gatehouse.clock.travel(5);
    expect(client.given(await client.show())).toBe(next);
    expect((await client.show({ ...client.held, refreshToken: next })).status).toBe(200);
    expect(await eventsOf(client.who.email, 'token.%')).toEqual(['token.grace']);
  },
);

test.each(CLIENTS)(
  '%s, its own device: showing the successor that was withheld is reuse',
  async (_, start) => {
    const gatehouse = startAllowing();
    const { client, live: withheld } = await exchanged(gatehouse, start);
    gatehouse.clock.travel(11);
    const next = client.given(await client.show());
    expect(await client.show({ ...client.held, refreshToken: withheld })).toMatchObject(REFUSED);
    expect(await client.show({ ...client.held, refreshToken: next })).toMatchObject(REFUSED);
    expect(await eventsOf(client.who.email, 'token.%')).toEqual(['token.grace', 'token.reuse_detected']);
  },
);

test('an answer that is lost again and again logs nobody out, and each late one is an event', async () => {
  const gatehouse = startAllowing();
  const client = await cookieClient(gatehouse);
  for (let time = 0; time < 4; time++) {
    expect((await client.show()).status).toBe(200);
    gatehouse.clock.travel(60);
  }
  expect(await eventsOf(client.who.email, 'token.%')).toEqual(Array(3).fill('token.grace'));
});

test('a body session without a device token: the same successor within 10 s, reuse later', async () => {
  const gatehouse = startAllowing();
  const { client, live } = await exchanged(gatehouse, bodyClient);
  const { refreshToken } = client.held;
  gatehouse.clock.travel(5);
  for (const deviceToken of [undefined, 'garbage', `${client.held.deviceToken}x`])
    expect(client.given(await client.show({ refreshToken, deviceToken }))).toBe(live);
  gatehouse.clock.travel(6);
  await expectReuse(client, { refreshToken }, live);
});

test.each([0, 11])('a cookie session without its device cookie, %i s later: reuse', async (seconds) => {
  const gatehouse = startAllowing();
  const { client, live } = await exchanged(gatehouse, cookieClient);
  gatehouse.clock.travel(seconds);
  await expectReuse(client, { refreshToken: client.held.refreshToken }, live);
});

test.each([
  ['a body session', bodyClient, 0],
  ['a body session', bodyClient, 11],
  ['a cookie session', cookieClient, 0],
  ['a cookie session', cookieClient, 11],
] as const)("%s, somebody else's device: reuse at once and later (%#)", async (_, start, seconds) => {
  const gatehouse = startAllowing();
  const { deviceToken } = await loggedIn(gatehouse, 'mallory');
  const { client, live } = await exchanged(gatehouse, start);
  gatehouse.clock.travel(seconds);
  await expectReuse(client, { ...client.held, deviceToken }, live);
});

test('another device of the same person is another device', async () => {
  const gatehouse = startAllowing();
  const { client, live } = await exchanged(gatehouse, bodyClient);
  const { deviceToken } = (await login(gatehouse, client.who)).body.data;
  await expectReuse(client, { ...client.held, deviceToken }, live);
});

test('a device that logs in again keeps its name: both of its sessions know it', async () => {
  const gatehouse = startAllowing();
  const { client } = await exchanged(gatehouse, bodyClient);
  const { deviceToken = '' } = client.held;
  const again = await login(gatehouse, { ...client.who, deviceToken });
  gatehouse.clock.travel(60);
  const shown = { ...client.held, deviceToken: again.body.data.deviceToken };
  expect((await client.show(shown)).status).toBe(200);
});

test('a device token that has expired is none', async () => {
  const gatehouse = startAllowing({ DEVICE_TOKEN_SECONDS: '60' });
  const { client, live } = await exchanged(gatehouse, cookieClient);
  gatehouse.clock.travel(61);
  await expectReuse(client, client.held, live);
});

test.each(CLIENTS)(
  '%s, its own device: a token that was made within 10 s is answered with itself, and then exchanged',
  async (_, start) => {
    const gatehouse = startAllowing();
    const { client, live } = await exchanged(gatehouse, start);
    const show = () => client.show({ ...client.held, refreshToken: live });
    for (const seconds of [0, 9]) {
      gatehouse.clock.travel(seconds);
      expect(client.given(await show())).toBe(live);
    }
    gatehouse.clock.travel(2);
    const next = client.given(await show());
    expect(next).not.toBe(live);
    expect(client.given(await show())).toBe(next);
  },
);

test.each(CLIENTS)('%s: a refresh that later ones overtake logs nobody out', async (_, start) => {
  const gatehouse = startAllowing();
  const { client, live } = await exchanged(gatehouse, start);
  // The others had the answer to the first when they asked.
  for (let later = 0; later < 3; later++)
    expect((await client.show({ ...client.held, refreshToken: live })).status).toBe(200);
  expect(client.given(await client.show())).toBe(live);
  expect(await eventsOf(client.who.email, 'token.%')).toEqual([]);
});

test('a token that was just made is exchanged for whoever does not show the device', async () => {
  const gatehouse = startAllowing();
  const { client, live } = await exchanged(gatehouse, bodyClient);
  expect(client.given(await client.show({ refreshToken: live }))).not.toBe(live);
});

test('every older generation is reuse, also on the own device', async () => {
  const gatehouse = startAllowing();
  const { client, live: second } = await exchanged(gatehouse, cookieClient);
  gatehouse.clock.travel(11);
  const third = client.given(await client.show({ ...client.held, refreshToken: second }));
  await expectReuse(client, client.held, third);
});

test('the live token is exchanged on any device: what is withheld by it is found by the owner', async () => {
  const gatehouse = startAllowing();
  const client = await cookieClient(gatehouse);
  const stolen = client.given(await client.show({ refreshToken: client.held.refreshToken }));
  gatehouse.clock.travel(60);
  const own = client.given(await client.show());
  expect(await client.show({ refreshToken: stolen })).toMatchObject(REFUSED);
  expect(await client.show({ ...client.held, refreshToken: own })).toMatchObject(REFUSED);
  expect(await eventsOf(client.who.email, 'token.%')).toEqual(['token.grace', 'token.reuse_detected']);
});

test('the grace begins when the successor was made, however long before it was asked for', async () => {
  // With the clock of the machine, for it is the database's that decides here.
  const gatehouse = startAllowing({}, startGatehouse);
  const client = await cookieClient(gatehouse);
  // As a refresh that was held up for half a minute: it tells the time of its beginning.
  gatehouse.clock.travel(-30);
  const live = client.given(await client.show());
  gatehouse.clock.travel(30);
  expect(client.given(await client.show())).toBe(live);
});
