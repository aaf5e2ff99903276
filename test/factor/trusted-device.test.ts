/** A trusted device is not asked for the second factor: opt-in, for 30 days at most, and never for a change of factors. */
import { expect, test } from 'vitest';
import { browser, cookiesOf, keptAfter, startAllowing } from '../support/browser.ts';
import { type Gatehouse, startStill } from '../support/gatehouse.ts';
import { login, type Person } from '../support/person.ts';
import { type Guarded, guarded, loginWithCode, nextCode } from '../support/totp-app.ts';

const DAY = 86_400;
const gatehouse = startStill();
const amrOf = (accessToken: string) => JSON.parse(atob(accessToken.split('.')[1] ?? '')).amr;

/** Somebody who trusts the device, by what it was left with. */
async function trusting(at: Gatehouse): Promise<Guarded> {
  const ada = await guarded(at);
  const { status, body } = await loginWithCode(at, ada, { trustDevice: true });
  expect(status).toBe(200);
  return { ...ada, ...body.data };
}
const isAsked = async (who: Person) => (await login(gatehouse, who)).body.data.mfaRequired === true;

test('only a device that was trusted is not asked, and its sessions say that it was the password alone', async () => {
  const ada = await trusting(gatehouse);
  const { deviceToken: _, ...elsewhere } = ada;
  const plain = (await loginWithCode(gatehouse, elsewhere as Guarded)).body.data;
  const { body } = await login(gatehouse, ada);
  expect(amrOf(body.data.accessToken)).toEqual(['pwd']);
  expect(await isAsked({ ...ada, deviceToken: plain.deviceToken })).toBe(true);
  const { email, password, name } = ada;
  expect(await isAsked({ email, password, name })).toBe(true);
  expect(await isAsked({ ...(await guarded(gatehouse, 'bob')), deviceToken: ada.deviceToken })).toBe(true);
});

test('logins do not renew the 30 days', async () => {
  const ada = await trusting(gatehouse);
  gatehouse.clock.travel(29 * DAY);
  const again = await login(gatehouse, ada);
  expect(again.body.data.accessToken).toBeDefined();
  const renewed = { ...ada, deviceToken: again.body.data.deviceToken };
  gatehouse.clock.travel(DAY - 60);
  expect(await isAsked(renewed)).toBe(false);
  gatehouse.clock.travel(60);
  expect(await isAsked(renewed)).toBe(true);
});

test('it ends with the password and with any change of the factors, and changes none itself', async () => {
  const ada = await trusting(gatehouse);
  const token = (await login(gatehouse, ada)).body.data.accessToken;
  const proof = { password: ada.password };
  const asked = await gatehouse.post('/factors/totp', { proof }, { token });
  expect(asked.body.code).toBe('second_factor_required');
  const move = { newEmail: `x${ada.email}`, currentPassword: ada.password };
  expect((await gatehouse.post('/change-email', move, { token })).body.code).toBe('second_factor_required');

  const change = { currentPassword: ada.password, newPassword: 'a brand new kettle' };
  const changed = await gatehouse.post('/change-password', change, { token });
  const now = { ...ada, password: change.newPassword };
  expect(await isAsked(now)).toBe(true);
  expect(await isAsked({ ...now, deviceToken: changed.body.data.deviceToken })).toBe(true);

  const again = (await loginWithCode(gatehouse, now, { trustDevice: true })).body.data;
  const trusted = { ...now, deviceToken: again.deviceToken };
  expect(await isAsked(trusted)).toBe(false);
  const code = { code: nextCode(gatehouse, ada.secret) };
  const options = { token: again.accessToken };
  const begun = await gatehouse.post('/factors/totp', { proof: code }, options);
  const confirm = { ticket: begun.body.data.ticket, code: nextCode(gatehouse, begun.body.data.secret) };
  expect((await gatehouse.post('/factors/totp/confirm', confirm, options)).status).toBe(200);
  expect(await isAsked(trusted)).toBe(true);
});

test('a browser keeps the trust in its cookie over a logout, until it is told to forget the device', async () => {
  const at = startAllowing();
  const { email, password, secret } = await guarded(at);
  const logIn = (jar = {}) => at.post('/login', { email, password }, browser(jar));
  const { ticket } = (await logIn()).body.data;
  const given = { ticket, code: nextCode(at, secret), trustDevice: true };
  const opened = await at.post('/login/mfa', given, browser());
  expect(opened.status).toBe(200);
  expect(opened.body.data.deviceToken).toBeUndefined();
  const trusted = cookiesOf(opened);
  const out = keptAfter(await at.post('/logout', {}, browser(trusted)), trusted);
  expect(Object.keys(out)).toEqual(['__Host-device']);
  const again = await logIn(out);
  expect(amrOf(again.body.data.accessToken)).toEqual(['pwd']);

  const held = keptAfter(again, out);
  const forgot = keptAfter(await at.post('/logout', { forgetDevice: true }, browser(held)), held);
  expect(forgot).toEqual({});
  expect((await logIn(forgot)).body.data.mfaRequired).toBe(true);
});
