/** The removal of lost second factors: after 72 hours, told at once, called off by whoever still has one. */
import { expect, test } from 'vitest';
import { removeDueFactors } from '../../src/store/factor-removals.ts';
import { adminDeps, byOperator } from '../support/admin.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { keyed, loginByPasskey } from '../support/passkeys.ts';
import { loggedIn, login } from '../support/person.ts';
import { type Guarded, guarded, loginWithCode } from '../support/totp-app.ts';

const HOUR = 3_600;
const factorsOf = async ({ email }: { email: string }) =>
  (
    await query<{ count: number }>(
      `SELECT ((SELECT count(*) FROM totp_factors f WHERE f.user_id = u.id)
         + (SELECT count(*) FROM recovery_codes c WHERE c.user_id = u.id)
         + (SELECT count(*) FROM passkeys k WHERE k.user_id = u.id))::int AS count FROM users u WHERE email = $1`,
      [email],
    )
  )[0]?.count;

test('after 72 hours, and not before, the factors are gone, every session has ended, and both are mailed', async () => {
  const gatehouse = startGatehouse();
  const { db, now } = adminDeps(gatehouse);
  const ada = await guarded(gatehouse);
  expect(await byOperator(gatehouse, 'remove-factor', ada)).toBe('done');
  expect(await byOperator(gatehouse, 'remove-factor', ada)).toBe('unchanged');
  expect(await mailsOwedTo(ada.email, 'factor_removal_requested')).toBe(1);
  gatehouse.clock.travel(72 * HOUR - 60);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(2);
  expect((await login(gatehouse, ada)).body.data).toMatchObject({ mfaRequired: true });
  gatehouse.clock.travel(120);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(0);
  expect(await mailsOwedTo(ada.email, 'mfa_disabled')).toBe(1);
  expect(await eventsOf(ada.email, 'mfa.disabled')).toHaveLength(1);
  for (const end of await endsOf(ada.email)) expect(end).not.toBeNull();
  expect((await login(gatehouse, ada)).body.data.accessToken).toBeDefined();
  await removeDueFactors(db, now());
  expect(await mailsOwedTo(ada.email, 'mfa_disabled')).toBe(1);
});

test('whoever logs in with a factor meanwhile has not lost it, and keeps all of them', async () => {
  const gatehouse = startGatehouse();
  const { db, now } = adminDeps(gatehouse);
  const ada = await guarded(gatehouse);
  await byOperator(gatehouse, 'remove-factor', ada);
  gatehouse.clock.travel(HOUR);
  expect((await loginWithCode(gatehouse, ada)).status).toBe(200);
  gatehouse.clock.travel(72 * HOUR);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(2);
  expect(await eventsOf(ada.email, 'mfa.disabled')).toEqual([]);
  // It is over: a new one begins anew.
  expect(await byOperator(gatehouse, 'keep-factor', ada)).toBe('unchanged');
});

test('a login with a factor at the very moment comes before the removal, and stops it', async () => {
  const gatehouse = startGatehouse();
  const { db, now } = adminDeps(gatehouse);
  const ada: Guarded = await guarded(gatehouse);
  await byOperator(gatehouse, 'remove-factor', ada);
  gatehouse.clock.travel(72 * HOUR + 1);
  const [answer] = await inThisOrder<unknown>(gatehouse, ada.email, [
    { send: () => loginWithCode(gatehouse, ada), trips: 4 },
    { send: () => removeDueFactors(db, now()), trips: 1 },
  ]);
  expect(answer).toMatchObject({ status: 200 });
  expect(await factorsOf(ada)).toBe(2);
});

test('passkeys are second factors: without an app, too, they go after 72 hours', async () => {
  const gatehouse = startGatehouse();
  const { db, now } = adminDeps(gatehouse);
  const ada = await keyed(gatehouse);
  expect(await byOperator(gatehouse, 'remove-factor', ada)).toBe('done');
  gatehouse.clock.travel(72 * HOUR - 60);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(1);
  gatehouse.clock.travel(120);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(0);
  expect(await mailsOwedTo(ada.email, 'mfa_disabled')).toBe(1);
  for (const end of await endsOf(ada.email)) expect(end).not.toBeNull();
  expect((await loginByPasskey(gatehouse, ada.device)).status).toBe(401);
  expect((await login(gatehouse, ada)).body.data.accessToken).toBeDefined();
});

test('a login by passkey meanwhile calls the removal off', async () => {
  const gatehouse = startGatehouse();
  const { db, now } = adminDeps(gatehouse);
  const ada = await keyed(gatehouse);
  await byOperator(gatehouse, 'remove-factor', ada);
  gatehouse.clock.travel(HOUR);
  expect((await loginByPasskey(gatehouse, ada.device)).status).toBe(200);
  gatehouse.clock.travel(72 * HOUR);
  await removeDueFactors(db, now());
  expect(await factorsOf(ada)).toBe(1);
});

test('an operator calls it off, and nobody without a factor has one removed', async () => {
  const gatehouse = startGatehouse();
  const [ada, bob] = [await guarded(gatehouse), await loggedIn(gatehouse, 'bob')];
  expect(await byOperator(gatehouse, 'remove-factor', bob)).toBe('unchanged');
  expect(await byOperator(gatehouse, 'keep-factor', ada)).toBe('unchanged');
  expect(await byOperator(gatehouse, 'remove-factor', ada)).toBe('done');
  expect(await byOperator(gatehouse, 'keep-factor', ada)).toBe('done');
  expect(await eventsOf(ada.email, 'admin.%')).toEqual([
    'admin.factor_removal_requested',
    'admin.factor_removal_cancelled',
  ]);
  expect(await byOperator(gatehouse, 'disable', ada)).toBe('done');
  expect(await byOperator(gatehouse, 'remove-factor', ada)).toBe('unchanged');
});
