/** What the owner gets: everything about the person and no secret. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { askToMove, freshAddress, move } from '../support/move.ts';
import { loggedIn, login } from '../support/person.ts';

test('the export holds everything about the person and no secret', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const { status, body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    account: {
      ...(await gatehouse.get('/me', { token: ada.accessToken })).body.data,
      locale: 'und',
      emailVerifiedAt: expect.stringMatching(/Z$/),
    },
    sessions: [{ endedAt: null, transport: 'body' }],
    addressChanges: [],
    passwordResets: [{ expiresAt: expect.stringMatching(/Z$/) }],
  });
  const kinds = body.data.events.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(['signup.requested', 'signup.verified', 'login.success', 'reset.requested']);
  expect(body.data.mails.map(({ kind }: { kind: string }) => kind)).toEqual([
    'verify_email',
    'reset_password',
  ]);
  const [secrets] = await query<{ password_hash: string; secret_hash: string }>(
    `SELECT password_hash, encode(secret_hash, 'hex') AS secret_hash FROM users u JOIN user_sessions s ON s.user_id = u.id WHERE email = $1`,
    [ada.email],
  );
  for (const secret of Object.values(secrets ?? {})) expect(JSON.stringify(body)).not.toContain(secret);
});

test('the export says how long each session lives, how it ended, and that a finished change can be undone', async () => {
  const gatehouse = startGatehouse();
  const [ada, bob] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'bob')];
  const other = (await login(gatehouse, ada)).body.data;
  await gatehouse.post('/logout', { refreshToken: other.refreshToken });
  await move(gatehouse, bob);
  gatehouse.clock.travel(60);
  const { newEmail } = await move(gatehouse, ada);
  const { data } = (await gatehouse.get('/me/export', { token: ada.accessToken })).body;
  const { account, sessions, addressChanges, addressUndos } = data;
  expect(account.email).toBe(newEmail);
  const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1_000;
  // When the new address was proven, which is not when the account began.
  expect(seconds(account.createdAt, account.emailVerifiedAt)).toBeGreaterThanOrEqual(60);
  for (const { createdAt, expiresAt } of sessions)
    expect(Math.round(seconds(createdAt, expiresAt) / 86_400)).toBe(30);
  const [own, ended] = sessions;
  expect([own.endedAt, own.endedBy]).toEqual([null, null]);
  expect(ended.endedBy).toBe('logout');
  expect(seconds(ended.createdAt, ended.endedAt)).toBeGreaterThan(0);
  // The change is made: it no longer waits, and can be undone.
  expect(addressChanges).toEqual([]);
  expect(addressUndos).toMatchObject([{ email: ada.email }]);
});

test('mail to a requested address is not exported as mail of the person, nor a waiting change as a sign-up', async () => {
  const gatehouse = startGatehouse();
  const [ada, bob] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'bob')];
  const newEmail = freshAddress();
  await askToMove(gatehouse, ada, newEmail);
  for (const { email } of [ada, bob]) await gatehouse.post('/forgot-password', { email });
  const { data } = (await gatehouse.get('/me/export', { token: ada.accessToken })).body;
  expect(data.addressChanges).toMatchObject([{ email: newEmail }]);
  expect(data.passwordResets).toMatchObject([{ usedAt: null, client: expect.stringMatching(/^2001:/) }]);
  expect(data.mails.map(({ kind }: { kind: string }) => kind)).toEqual([
    'verify_email',
    'change_email_notice',
    'reset_password',
  ]);
});
