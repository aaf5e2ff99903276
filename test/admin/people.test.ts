/** How an operator finds people, what one page shows of them, their export, and addresses that are not mailed. */
import { expect, test } from 'vitest';
import { exportFor, find, show, suppress } from '../../src/admin/acts.ts';
import { accountsOf } from '../support/accounts.ts';
import { acting, actsOn, adminDeps, byOperator } from '../support/admin.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { guess } from '../support/guesses.ts';
import { mailsOwedTo } from '../support/history.ts';
import { messagesTo } from '../support/mailbox.ts';
import { loggedIn, person, resident, signUp } from '../support/person.ts';

const idOf = async ({ email }: { email: string }) => (await accountsOf(email))[0]?.id ?? '';

test('people are found by id, by address, by its beginning in any spelling, and by an id of elsewhere', async () => {
  const gatehouse = startGatehouse();
  const deps = adminDeps(gatehouse);
  const [ada, waiting] = [await resident(gatehouse), person('waiting')];
  await signUp(gatehouse, waiting);
  await byOperator(gatehouse, 'disable', ada);
  const id = await idOf(ada);
  const externalId = `auth0|${crypto.randomUUID()}`;
  await query('UPDATE users SET external_id = $2 WHERE id = $1', [id, externalId]);
  const expected = [expect.objectContaining({ id, email: ada.email, state: 'disabled' })];
  const beginning = ada.email.slice(0, 12);
  for (const term of [id, ` ${id.toUpperCase()} `, ada.email, ada.email.toUpperCase(), beginning, externalId])
    expect(await find(deps, term), term).toEqual(expected);
  expect(await find(deps, waiting.email)).toMatchObject([{ state: 'waiting' }]);
  for (const term of [crypto.randomUUID(), `%${beginning.slice(1)}`, `${beginning.slice(0, -1)}_`])
    expect(await find(deps, term), term).toEqual([]);
  for (const term of ['', 'ad', 'ada\u0000', 'a'.repeat(255)])
    await expect(find(deps, term), term).rejects.toMatchObject({ code: 'validation_failed' });
});

test('one page shows what support needs and no secret, and a look is recorded once an hour', async () => {
  const gatehouse = startGatehouse();
  const deps = adminDeps(gatehouse);
  const ada = await loggedIn(gatehouse);
  await guess(gatehouse, ada, 2);
  const [id, bob] = [await idOf(ada), acting({ operator: `bob-${crypto.randomUUID()}` })];
  await byOperator(gatehouse, 'reset', ada, bob);
  const shown = await show(deps, id, bob);
  expect(shown).toMatchObject({
    account: { id, email: ada.email, name: ada.name, state: 'active', disabledAt: null, suppression: null },
    factors: { authenticatorSince: null, passkeys: [], recoveryCodesUsed: null, removalDueAt: null },
    sessions: [{ expiresAt: expect.any(Date) }],
    mails: [{ kind: 'reset_password' }, { kind: 'verify_email', to: ada.email }],
  });
  expect(shown?.counters).toContainEqual(expect.objectContaining({ failures: 2, isSwitchedOff: false }));
  expect(shown?.history[0]).toMatchObject({
    kind: 'admin.reset_started',
    operator: bob.operator,
    note: bob.reason,
  });
  const [secrets = {}] = await query<Record<string, string>>(
    `SELECT password_hash, encode(secret_hash, 'hex') AS secret FROM users u JOIN user_sessions s ON s.user_id = u.id WHERE u.id = $1`,
    [id],
  );
  for (const secret of Object.values(secrets)) expect(JSON.stringify(shown)).not.toContain(secret);
  await show(deps, id, bob);
  gatehouse.clock.travel(3_601);
  await show(deps, id, bob);
  const looks = (await actsOn(ada.email)).filter(({ kind }) => kind === 'admin.viewed');
  expect(looks).toEqual(
    Array(2).fill({ kind: 'admin.viewed', operator: bob.operator, door: 'cli', reason: null }),
  );
  expect(await show(deps, crypto.randomUUID(), bob)).toBeUndefined();
});

test('an export is what the person gets, and it is recorded', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  // That a mail is sent is recorded after it has arrived.
  await expect
    .poll(() => query('SELECT status FROM email_outbox WHERE recipient = $1', [ada.email]))
    .toEqual([{ status: 'sent' }]);
  const own = (await gatehouse.get('/me/export', { token: ada.accessToken })).body.data;
  const id = await idOf(ada);
  expect(await exportFor(adminDeps(gatehouse), id, acting())).toEqual(own);
  expect(await actsOn(ada.email)).toMatchObject([{ kind: 'admin.exported' }]);
  expect(await exportFor(adminDeps(gatehouse), crypto.randomUUID(), acting())).toBeUndefined();
});

test('an address that an operator suppresses gets no mail at all, until it is allowed again', async () => {
  const gatehouse = startGatehouse();
  const deps = adminDeps(gatehouse);
  const ada = await resident(gatehouse);
  const before = (await messagesTo(ada.email)).length;
  expect(await suppress(deps, ada.email.toUpperCase(), true, acting())).toBe(true);
  expect(await suppress(deps, ada.email, true, acting())).toBe(false);
  await gatehouse.post('/forgot-password', { email: ada.email });
  await expect
    .poll(() =>
      query(`SELECT failure FROM email_outbox WHERE recipient = $1 AND status = 'skipped'`, [ada.email]),
    )
    .toEqual([{ failure: 'suppressed' }]);
  expect(await mailsOwedTo(ada.email, 'reset_password')).toBe(1);
  expect((await messagesTo(ada.email)).length).toBe(before);
  expect(await suppress(deps, ada.email, false, acting())).toBe(true);
  expect(await suppress(deps, ada.email, false, acting())).toBe(false);
  expect((await actsOn(ada.email)).map(({ kind }) => kind)).toEqual([
    'admin.suppressed',
    'admin.unsuppressed',
  ]);
  await expect(suppress(deps, 'nobody', true, acting())).rejects.toMatchObject({ code: 'validation_failed' });
});
