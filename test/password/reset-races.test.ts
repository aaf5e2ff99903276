import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { linkTokenIn } from '../support/mailbox.ts';
import { loggedIn, login } from '../support/person.ts';
import { eventsOf, REFUSED, reset, resetMail } from '../support/reset.ts';

test('used five times at once, a link sets one password and mails one notice', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const passwords = Array.from({ length: 5 }, (_, i) => `new kettle number ${i}`);
  const answers = await Promise.all(passwords.map((password) => reset(gatehouse, token, password)));

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(REFUSED);
  const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
  expect((await login(gatehouse, { ...ada, password: winner })).status).toBe(200);
  expect(await eventsOf(ada.email, 'reset.completed')).toHaveLength(1);
  const notices = await query(
    `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = 'password_changed'`,
    [ada.email],
  );
  expect(notices).toHaveLength(1);
});

test('no login or refresh that races a reset outlives it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const [done, ...raced] = await Promise.all([
    reset(gatehouse, token),
    login(gatehouse, ada),
    login(gatehouse, ada),
    ...Array.from({ length: 5 }, () => gatehouse.post('/refresh', { refreshToken: ada.refreshToken })),
  ]);
  expect(done?.status).toBe(200);
  for (const { status, body } of raced) {
    expect([200, 401]).toContain(status);
    if (status === 200)
      expect((await gatehouse.get('/me', { token: body.data.accessToken })).status).toBe(401);
  }
});

test('a login that succeeds just before the reset is logged out by it, one just after is refused', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = linkTokenIn(await resetMail(gatehouse, ada));
  const [before, done, after] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => reset(gatehouse, token), trips: 2 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect([before?.status, done?.status, after?.status]).toEqual([200, 200, 401]);
  expect((await gatehouse.get('/me', { token: before?.body.data.accessToken })).status).toBe(401);
});
