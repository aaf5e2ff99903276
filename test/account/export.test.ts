/** What the owner is handed, which is everything about the person and nothing that opens anything. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';

test('the export holds everything about the person and no secret', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const { status, body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    account: {
      ...(await gatehouse.get('/me', { token: ada.accessToken })).body.data,
      locale: 'en',
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
