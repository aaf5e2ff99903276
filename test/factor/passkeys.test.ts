/** The passkeys of a person: added, listed, renamed, removed, each with the proof that it needs. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { mailWith } from '../support/mailbox.ts';
import {
  addPasskey,
  answerTo,
  beginPasskey,
  byPassword,
  type Keyed,
  keyed,
  loginByPasskey,
  newDevice,
  stepUp,
} from '../support/passkeys.ts';
import { loggedIn, login, type Tokens } from '../support/person.ts';
import { guarded, nextCode } from '../support/totp-app.ts';

const gatehouse = startGatehouse();
const VOID = { status: 400, body: { code: 'invalid_ticket' } };
const UNKNOWN = { status: 404, body: { code: 'not_found' } };
const INVALID = { status: 401, body: { code: 'invalid_passkey' } };
const UNFIT = { status: 422, body: { code: 'validation_failed', errors: [{ path: 'attestation' }] } };

const as = ({ accessToken }: Tokens) => ({ token: accessToken });
const passkeysOf = async (who: Tokens) => (await gatehouse.get('/factors', as(who))).body.data.passkeys;
const finish = (who: Tokens, body: unknown) => gatehouse.post('/factors/passkeys', body, as(who));
const remove = (who: Tokens, id: string, proof: unknown) =>
  gatehouse.call('DELETE', `/factors/passkeys/${id}`, proof, as(who));
const rename = (who: Tokens, id: string, name: string) =>
  gatehouse.call('PATCH', `/factors/passkeys/${id}`, { name }, as(who));

test('a passkey is added with the password, for 2 trips and 1, named in the list, and told by mail', async () => {
  const ada = await loggedIn(gatehouse);
  const device = await newDevice(gatehouse);
  const begun = await gatehouse.tripsOf(() => beginPasskey(gatehouse, ada));
  const { options } = begun.answer.body.data;
  expect(options).toMatchObject({
    rp: { id: 'localhost' },
    user: { name: ada.email, displayName: ada.name },
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    attestation: 'none',
    excludeCredentials: [],
  });
  expect(Buffer.from(options.user.id, 'base64url')).toHaveLength(64);
  const body = await answerTo(begun.answer, device, {}, 'Kitchen laptop');
  const { count, answer } = await gatehouse.tripsOf(() => finish(ada, body));
  expect([begun.count, count, answer.status]).toEqual([2, 1, 200]);
  expect(await passkeysOf(ada)).toEqual([
    {
      id: answer.body.data.id,
      name: 'Kitchen laptop',
      isSynced: true,
      createdAt: expect.any(String),
      lastUsedAt: null,
    },
  ]);
  expect((await mailWith(ada.email, /passkey was added/)).subject).toMatch(/passkey/i);
  const exported = (await gatehouse.get('/me/export', as(ada))).body.data;
  expect(exported.passkeys).toMatchObject([
    { name: 'Kitchen laptop', domain: 'localhost', lastUsedAt: null },
  ]);
  // The next one has the same handle, and the browser is told which there are.
  const next = (await beginPasskey(gatehouse, ada)).body.data.options;
  expect(next.user.id).toBe(options.user.id);
  expect(next.excludeCredentials).toEqual([{ type: 'public-key', id: device.id }]);
});

test('a session alone adds and removes none', async () => {
  const ada = await keyed(gatehouse);
  for (const proof of [{}, { proof: {} }, undefined]) {
    expect((await beginPasskey(gatehouse, ada, proof ?? {})).status).toBe(422);
    expect((await remove(ada, ada.passkeyId, proof ?? {})).status).toBe(422);
  }
  const wrong = { proof: { password: 'not the password' } };
  expect(await beginPasskey(gatehouse, ada, wrong)).toMatchObject({
    status: 403,
    body: { code: 'wrong_password' },
  });
  expect((await remove(ada, ada.passkeyId, wrong)).status).toBe(403);
  expect(await passkeysOf(ada)).toHaveLength(1);
});

test('whoever owes a second factor proves one, and the password is not enough', async () => {
  const ada = await guarded(gatehouse);
  const refused = { status: 403, body: { code: 'second_factor_required' } };
  expect(await beginPasskey(gatehouse, ada)).toMatchObject(refused);
  const withKey = await addPasskey(gatehouse, ada, {
    proof: { proof: { code: nextCode(gatehouse, ada.secret) } },
  });
  expect(await remove(withKey, withKey.passkeyId, byPassword(ada))).toMatchObject(refused);
  const recovery = { proof: { recoveryCode: ada.recoveryCodes[0] } };
  expect((await remove(withKey, withKey.passkeyId, recovery)).status).toBe(200);
});

test('a ticket adds one passkey, for the session that asked, and not after a change of password or factors', async () => {
  const ada = await loggedIn(gatehouse);
  const again = { ...ada, ...(await login(gatehouse, ada)).body.data };
  const device = await newDevice(gatehouse);
  const body = await answerTo(await beginPasskey(gatehouse, ada), device);
  expect(await finish(again, body)).toMatchObject(VOID);
  expect(await finish(await loggedIn(gatehouse), body)).toMatchObject(VOID);
  expect((await finish(ada, body)).status).toBe(200);
  expect(await finish(ada, body)).toMatchObject(VOID);

  // A ticket whose passkey was removed since does not bring it back.
  const [{ id }] = await passkeysOf(ada);
  expect((await remove(ada, id, byPassword(ada))).status).toBe(200);
  expect(await finish(ada, body)).toMatchObject(VOID);

  const late = await answerTo(await beginPasskey(gatehouse, ada), device);
  const change = { currentPassword: ada.password, newPassword: 'another plum kettle' };
  expect((await gatehouse.post('/change-password', change, as(ada))).status).toBe(200);
  expect(await finish(ada, late)).toMatchObject(VOID);
  expect(await passkeysOf(ada)).toEqual([]);
});

test('a ticket that is sent twice at once adds one passkey', async () => {
  const ada = await loggedIn(gatehouse);
  const body = await answerTo(await beginPasskey(gatehouse, ada), await newDevice(gatehouse));
  const send = () => finish(ada, body);
  const answers = await inThisOrder(gatehouse, ada.email, [
    { send, trips: 1 },
    { send, trips: 1 },
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  expect(await passkeysOf(ada)).toHaveLength(1);
});

test('what does not fit is no passkey, and costs no trip', async () => {
  const ada = await loggedIn(gatehouse);
  const begun = await beginPasskey(gatehouse, ada);
  const device = await newDevice(gatehouse);
  for (const bent of [
    { origin: 'https://evil.test' },
    { rpId: 'evil.test' },
    { challenge: 'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE' },
    { flags: { verified: false } },
    { attestation: { format: 'packed', statement: Buffer.from([0xa0]) } },
  ]) {
    const body = await answerTo(begun, device, bent);
    const { count, answer } = await gatehouse.tripsOf(() => finish(ada, body));
    expect({ count, ...answer }, JSON.stringify(bent)).toMatchObject({ count: 0, ...UNFIT });
  }
  expect(await passkeysOf(ada)).toEqual([]);
});

test('a passkey that somebody else has registered is not registered twice', async () => {
  const [ada, mallory] = [await keyed(gatehouse), await loggedIn(gatehouse)];
  const body = await answerTo(await beginPasskey(gatehouse, mallory), ada.device);
  expect(await finish(mallory, body)).toMatchObject(VOID);
  // The device has the handle of Mallory now, as it would if it had made a passkey for her.
  expect(await passkeysOf(mallory)).toEqual([]);
  expect(await passkeysOf(ada)).toHaveLength(1);
});

test('the passkey of somebody else is neither listed, renamed nor removed', async () => {
  const [ada, mallory] = [await keyed(gatehouse), await keyed(gatehouse)];
  expect((await passkeysOf(mallory)).map(({ id }: Keyed & { id: string }) => id)).toEqual([
    mallory.passkeyId,
  ]);
  expect(await rename(mallory, ada.passkeyId, 'Mine')).toMatchObject(UNKNOWN);
  expect(await remove(mallory, ada.passkeyId, byPassword(mallory))).toMatchObject(UNKNOWN);
  expect(await remove(mallory, crypto.randomUUID(), byPassword(mallory))).toMatchObject(UNKNOWN);
  expect(await passkeysOf(ada)).toMatchObject([{ id: ada.passkeyId, name: 'Laptop' }]);
});

test('renaming takes one trip and no proof', async () => {
  const ada = await keyed(gatehouse);
  const { count, answer } = await gatehouse.tripsOf(() => rename(ada, ada.passkeyId, 'Old laptop'));
  expect({ count, status: answer.status }).toEqual({ count: 1, status: 200 });
  expect(await passkeysOf(ada)).toMatchObject([{ name: 'Old laptop' }]);
  expect((await rename(ada, ada.passkeyId, '')).status).toBe(422);
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  expect((await rename(ada, ada.passkeyId, 'x')).status).toBe(401);
});

test('removing ends the other sessions, forgets the passkey and is told by mail', async () => {
  const ada = await keyed(gatehouse);
  const other = { ...ada, ...(await loginByPasskey(gatehouse, ada.device)).body.data };
  const { count, answer } = await gatehouse.tripsOf(() => remove(ada, ada.passkeyId, byPassword(ada)));
  expect({ count, status: answer.status }).toEqual({ count: 2, status: 200 });
  expect((await gatehouse.get('/me', as(other))).status).toBe(401);
  expect((await gatehouse.get('/me', as(ada))).status).toBe(200);
  expect(await loginByPasskey(gatehouse, ada.device)).toMatchObject(INVALID);
  expect(await passkeysOf(ada)).toEqual([]);
  expect((await mailWith(ada.email, /passkey was removed/)).subject).toMatch(/passkey/i);
});

test('whoever has no password adds, removes and deletes by step-up with a passkey', async () => {
  const ada = await keyed(gatehouse);
  await query('UPDATE users SET password_hash = NULL WHERE email = $1', [ada.email]);
  const proof = { proof: { stepUp: await stepUp(gatehouse, ada, { purpose: 'add-passkey' }) } };
  const second = await addPasskey(gatehouse, ada, { proof });
  const target = { purpose: 'remove-passkey', target: second.passkeyId };
  const { count, answer } = await gatehouse.tripsOf(async () =>
    remove(ada, second.passkeyId, { proof: { stepUp: await stepUp(gatehouse, ada, target) } }),
  );
  expect({ count, status: answer.status }).toEqual({ count: 4, status: 200 });
  expect(await passkeysOf(ada)).toHaveLength(1);
});

test('at most 25 passkeys', async () => {
  const ada = await keyed(gatehouse);
  await query(
    `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, backup_eligible, backed_up, name, created_at)
     SELECT gen_random_uuid(), user_id, rp_id, uuid_send(gen_random_uuid()), public_key, true, true, 'x', now()
     FROM passkeys, generate_series(1, 24) WHERE id = $1`,
    [ada.passkeyId],
  );
  const body = await answerTo(await beginPasskey(gatehouse, ada), await newDevice(gatehouse));
  expect(await finish(ada, body)).toMatchObject(VOID);
  expect(await passkeysOf(ada)).toHaveLength(25);
});

test('with passkeys of another domain than RP_ID the service is not ready', async () => {
  await keyed(gatehouse);
  const moved = startGatehouse({ RP_ID: 'moved.test', HEALTH_CACHE_SECONDS: '0' });
  const { status, body } = await moved.get('//health/ready');
  expect({ status, passkeys: body.checks.passkeys }).toEqual({ status: 503, passkeys: 'down' });
});
