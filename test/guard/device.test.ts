import { expect, test } from 'vitest';
import {
  accountOfDevice,
  decodeDeviceToken,
  encodeDeviceToken,
  knownDevice,
} from '../../src/guard/device.ts';
import { type KeyRing, parseKeyRing } from '../../src/lib/key-ring.ts';
import { encodeRefreshToken } from '../../src/token/refresh-token.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { otherSpellings, withOtherMac } from '../support/other-spellings.ts';
import { loggedIn, login, resident } from '../support/person.ts';

const NOTICE = 'New login to your Gatehouse account';
const noticesOwedTo = async (email: string) =>
  (
    await query(
      `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = 'new_device'`,
      [email],
    )
  ).length;

const ring = () =>
  parseKeyRing(`k:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`);
const now = new Date('2026-01-31T12:00:00Z');
const inAnHour = new Date(now.getTime() + 3_600_000);
const device = {
  id: crypto.randomUUID(),
  userId: crypto.randomUUID(),
  passwordChangedAt: new Date('2026-01-01T00:00:00.123Z'),
};
const owner = { id: device.userId, passwordChangedAt: device.passwordChangedAt };

test('a device is known to its person, with that password, until it expires', async () => {
  const keys = ring();
  const token = await encodeDeviceToken(keys, { ...device, email: 'ada@example.com' }, inAnHour);
  const found = await decodeDeviceToken(keys, token, now);
  expect(found).toEqual(device);
  expect(knownDevice(found, owner)).toBe(true);
  expect(knownDevice(found, { ...owner, id: crypto.randomUUID() })).toBe(false);
  expect(knownDevice(found, { ...owner, passwordChangedAt: now })).toBe(false);
  expect(knownDevice(undefined, owner)).toBe(false);
  expect(await decodeDeviceToken(keys, token, new Date(inAnHour.getTime() + 1_000))).toBeUndefined();
});

test('the account of a device is found by the address it logged in with, whichever key of the ring made its token', async () => {
  const keys = ring();
  const token = await encodeDeviceToken(keys, { ...device, email: 'ada@example.com' }, inAnHour);
  const rotated: KeyRing = [{ ...ring()[0], id: 'newer' }, ...keys];
  const found = (email: string, at = now) => accountOfDevice(rotated, token, email, at);
  expect(await found('ada@example.com')).toBe(device.userId);
  expect(await found('eve@example.com')).toBeUndefined();
  expect(await found('ada@example.com', new Date(inAnHour.getTime() + 1_000))).toBeUndefined();
});

test('a token that we did not sign as a device token counts as none', async () => {
  const keys = ring();
  const token = await encodeDeviceToken(keys, { ...device, email: 'ada@example.com' }, inAnHour);
  const refreshToken = await encodeRefreshToken(keys, {
    sessionId: device.id,
    generation: 0,
    secret: 'x'.repeat(43),
    expiresAt: inAnHour,
  });
  for (const forged of ['', 'x', 'a.b.c', withOtherMac(token), refreshToken, ...otherSpellings(token)])
    expect(await decodeDeviceToken(keys, forged, now)).toBeUndefined();
  expect(await decodeDeviceToken(ring(), token, now)).toBeUndefined();
  expect(await decodeDeviceToken(keys, undefined, now)).toBeUndefined();
});

test('a login from a new device sends a mail; the first login ever and one from a known device do not', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  expect(await noticesOwedTo(ada.email)).toBe(0);
  const again = (await login(gatehouse, ada)).body.data;
  expect((await login(gatehouse, { ...ada, deviceToken: again.deviceToken })).status).toBe(200);
  expect(await noticesOwedTo(ada.email)).toBe(0);

  const { email, password } = ada;
  const headers = { 'CF-Connecting-IP': '203.0.113.7', 'User-Agent': 'curl/8.5.0' };
  expect((await gatehouse.post('/login', { email, password }, { headers })).status).toBe(200);
  await expect.poll(async () => (await messagesTo(email))[0]?.subject).toBe(NOTICE);
  const [notice] = await messagesTo(email);
  expect(notice?.text).toMatch(/When: .* UTC\nFrom: 203\.0\.113\.7\nDevice: curl/);
});

test("a stranger's device token makes no device known", async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { deviceToken } = await loggedIn(gatehouse, 'mallory');
  expect((await login(gatehouse, { ...ada, deviceToken })).status).toBe(200);
  expect((await login(gatehouse, { ...ada, deviceToken: 'garbage' })).status).toBe(200);
  expect(await noticesOwedTo(ada.email)).toBe(2);
});

test('two first logins at once are one first login and one new device', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  await Promise.all([login(gatehouse, ada), login(gatehouse, ada)]);
  expect(await noticesOwedTo(ada.email)).toBe(1);
});

test('a reset forgets every device, a change of the password all but this one', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const password = 'a brand new kettle';
  const changed = await gatehouse.post(
    '/change-password',
    { currentPassword: ada.password, newPassword: password },
    { token: ada.accessToken },
  );
  const { deviceToken } = changed.body.data;
  await login(gatehouse, { ...ada, password, deviceToken });
  expect(await noticesOwedTo(ada.email)).toBe(0);
  await login(gatehouse, { ...ada, password });
  expect(await noticesOwedTo(ada.email)).toBe(1);

  await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(3);
  const [newest] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await nextMessageTo(ada.email, newest && { after: newest }));
  await gatehouse.post('/reset-password', { token, newPassword: 'yet another kettle' });
  await login(gatehouse, { ...ada, password: 'yet another kettle', deviceToken });
  expect(await noticesOwedTo(ada.email)).toBe(2);
});

const idOf = (deviceToken: string): string => JSON.parse(atob(deviceToken.split('.')[1] ?? '')).jti;

test('a device keeps its id for all logins of one person, and other people get another id', async () => {
  const gatehouse = startGatehouse();
  const [ada, eve] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'eve')];
  const again = (await login(gatehouse, ada)).body.data.deviceToken;
  const other = (await login(gatehouse, { ...ada, deviceToken: eve.deviceToken })).body.data.deviceToken;
  expect(idOf(again)).toBe(idOf(ada.deviceToken));
  expect(idOf(other)).not.toBe(idOf(eve.deviceToken));
});

test('a device token opens nothing', async () => {
  const gatehouse = startGatehouse();
  const { deviceToken } = await loggedIn(gatehouse);
  expect((await gatehouse.get('/me', { token: deviceToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken: deviceToken })).status).toBe(401);
});

const lifeOf = (deviceToken: string, { clock }: Gatehouse): number =>
  JSON.parse(atob(deviceToken.split('.')[1] ?? '')).exp - Math.floor(clock.now().getTime() / 1_000);

test('the device token of a changed password is like that of a login: for this address, and as long as the setting says', async () => {
  const gatehouse = startGatehouse({ DEVICE_TOKEN_SECONDS: '3600' });
  const { deviceToken, email, password, accessToken: token } = await loggedIn(gatehouse);
  const change = { currentPassword: password, newPassword: 'a brand new kettle' };
  const changed = (await gatehouse.post('/change-password', change, { token })).body.data.deviceToken;
  for (const life of [lifeOf(deviceToken, gatehouse), lifeOf(changed, gatehouse)]) {
    expect(life).toBeLessThanOrEqual(3_600);
    expect(life).toBeGreaterThan(3_500);
  }
  const { sub } = JSON.parse(atob(changed.split('.')[1] ?? ''));
  const { refreshTokenSecrets } = gatehouse.config;
  expect(await accountOfDevice(refreshTokenSecrets, changed, email, gatehouse.clock.now())).toBe(sub);
});
