/** Step-up: a ticket for one act, in one session, on one target, once. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { addPasskey, beginPasskey, keyed, stepUp, stepUpBody } from '../support/passkeys.ts';
import { loggedIn, login, type Tokens } from '../support/person.ts';
import { guarded, nextCode, wrongCode } from '../support/totp-app.ts';

const gatehouse = startGatehouse();
const VOID = { status: 400, body: { code: 'invalid_ticket' } };
const WRONG = { status: 403, body: { code: 'wrong_second_factor' } };
const ADD = { purpose: 'add-passkey' };
const as = ({ accessToken }: Tokens) => ({ token: accessToken });
const ask = (who: Tokens, body: unknown) => gatehouse.post('/step-up', body, as(who));
const act = (who: Parameters<typeof beginPasskey>[1], ticket: string) =>
  beginPasskey(gatehouse, who, { proof: { stepUp: ticket } });

test('by password, code, recovery code and passkey, for two trips each; the options cost none', async () => {
  const [ada, bob, eve] = [await loggedIn(gatehouse), await guarded(gatehouse), await keyed(gatehouse)];
  const ways = [
    { who: ada, proof: { password: ada.password } },
    { who: bob, proof: { code: nextCode(gatehouse, bob.secret) } },
    { who: bob, proof: { recoveryCode: bob.recoveryCodes[0] } },
  ];
  for (const { who, proof } of ways) {
    const { count, answer } = await gatehouse.tripsOf(() => ask(who, { act: ADD, proof }));
    expect({ count, status: answer.status }, Object.keys(proof)[0]).toEqual({ count: 2, status: 200 });
  }
  const asked = await gatehouse.tripsOf(() => stepUpBody(gatehouse, eve, ADD));
  expect(asked.count).toBe(0);
  const { count, answer } = await gatehouse.tripsOf(() => ask(eve, asked.answer));
  expect({ count, status: answer.status }).toEqual({ count: 2, status: 200 });
});

test('a wrong proof gets no ticket, and the password none where a second factor is owed', async () => {
  const bob = await guarded(gatehouse);
  const refusals = [
    [{ password: bob.password }, 'second_factor_required'],
    [{ code: wrongCode(gatehouse, bob.secret) }, 'wrong_second_factor'],
    [{ recoveryCode: 'aaaa-aaaa-aaaa-aaaa' }, 'wrong_second_factor'],
  ] as const;
  for (const [proof, code] of refusals)
    expect(await ask(bob, { act: ADD, proof })).toMatchObject({ status: 403, body: { code } });
});

test('a ticket acts once, also when it is sent twice at once', async () => {
  const ada = await keyed(gatehouse);
  const ticket = await stepUp(gatehouse, ada, ADD);
  expect((await act(ada, ticket)).status).toBe(200);
  expect(await act(ada, ticket)).toMatchObject(VOID);
  const raced = await stepUp(gatehouse, ada, ADD);
  const send = () => act(ada, raced);
  const answers = await inThisOrder(gatehouse, ada.email, [
    { send, trips: 2 },
    { send, trips: 2 },
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
});

test('the answer of a passkey gives one ticket, also when it is sent twice at once', async () => {
  const ada = await keyed(gatehouse);
  const body = await stepUpBody(gatehouse, ada, ADD);
  expect((await ask(ada, body)).status).toBe(200);
  expect(await ask(ada, body)).toMatchObject(WRONG);
  const raced = await stepUpBody(gatehouse, ada, ADD);
  const send = () => ask(ada, raced);
  const answers = await inThisOrder(gatehouse, ada.email, [
    { send, trips: 2 },
    { send, trips: 2 },
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 403]);
});

test('a ticket is for one session, one purpose, one target, five minutes', async () => {
  const ada = await keyed(gatehouse);
  const other = { ...ada, ...(await login(gatehouse, ada)).body.data };
  const second = await addPasskey(gatehouse, ada);
  const stranger = await loggedIn(gatehouse);
  const ticket = await stepUp(gatehouse, ada, ADD);
  for (const who of [other, stranger]) expect(await act(who, ticket)).toMatchObject(VOID);
  const remove = { purpose: 'remove-passkey', target: second.passkeyId };
  const removal = await stepUp(gatehouse, ada, remove);
  expect(await act(ada, removal)).toMatchObject(VOID);
  const onOther = gatehouse.call(
    'DELETE',
    `/factors/passkeys/${ada.passkeyId}`,
    { proof: { stepUp: removal } },
    as(ada),
  );
  expect(await onOther).toMatchObject(VOID);
  // What the passkey was asked for, too.
  const asked = await stepUpBody(gatehouse, ada, ADD);
  expect(await ask(ada, { ...asked, act: remove })).toMatchObject(VOID);
  expect(await ask(other, asked)).toMatchObject(VOID);
  gatehouse.clock.travel(301);
  expect(await act(ada, ticket)).toMatchObject(VOID);
});

test('a ticket is void after a change of the password, and after one of the factors', async () => {
  const [ada, bob] = [await keyed(gatehouse), await keyed(gatehouse)];
  const tickets = [await stepUp(gatehouse, ada, ADD), await stepUp(gatehouse, bob, ADD)] as const;
  const change = { currentPassword: ada.password, newPassword: 'another plum kettle' };
  expect((await gatehouse.post('/change-password', change, as(ada))).status).toBe(200);
  expect(await act(ada, tickets[0])).toMatchObject(VOID);
  const removed = await gatehouse.call(
    'DELETE',
    `/factors/passkeys/${bob.passkeyId}`,
    { proof: { password: bob.password } },
    as(bob),
  );
  expect(removed.status).toBe(200);
  expect(await act(bob, tickets[1])).toMatchObject(VOID);
});

test('the passkey of somebody else, without user verification or with another origin, is no step-up', async () => {
  const [ada, mallory] = [await keyed(gatehouse), await keyed(gatehouse)];
  const as = (bent: object) => stepUpBody(gatehouse, ada, ADD, bent);
  for (const bent of [
    { flags: { verified: false } },
    { origin: 'https://evil.test' },
    { rpId: 'evil.test' },
    { credentialId: mallory.device.id },
  ])
    expect(await ask(ada, await as(bent)), JSON.stringify(bent)).toMatchObject(WRONG);
  const foreign = await stepUpBody(gatehouse, { ...ada, device: mallory.device }, ADD);
  expect(await ask(ada, foreign)).toMatchObject(WRONG);
});

test('a session that has ended gets no ticket', async () => {
  const ada = await keyed(gatehouse);
  const body = await stepUpBody(gatehouse, ada, ADD);
  const ticket = await stepUp(gatehouse, ada, ADD);
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  expect((await ask(ada, body)).status).toBe(401);
  expect((await act(ada, ticket)).status).toBe(401);
});

test('whoever has no password deletes the account by a step-up, and nobody does it without one', async () => {
  const ada = await keyed(gatehouse);
  await query('UPDATE users SET password_hash = NULL WHERE email = $1', [ada.email]);
  const remove = (body: unknown) => gatehouse.call('DELETE', '/me', body, as(ada));
  expect((await remove({})).status).toBe(422);
  expect((await remove({ password: ada.password })).status).toBe(403);
  expect(await remove({ stepUp: await stepUp(gatehouse, ada, ADD) })).toMatchObject(VOID);
  const stepped = await stepUp(gatehouse, ada, { purpose: 'delete-account' });
  expect((await remove({ stepUp: stepped })).status).toBe(200);
  expect(await query('SELECT FROM users WHERE email = $1', [ada.email])).toEqual([]);
});
