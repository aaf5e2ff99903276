import { expect, test } from 'vitest';
import { otherThan } from '../support/code.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { addressOf, askToMove, codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };

const subjectsTo = async (address: string) => (await messagesTo(address)).map(({ subject }) => subject);

test('the address changes when the code comes back; both addresses get a mail, other sessions and links end', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const other = (await login(gatehouse, ada)).body.data;
  const [before] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const resetMail = await nextMessageTo(ada.email, before && { after: before });
  const newEmail = freshAddress();

  const code = await codeToMove(gatehouse, ada, newEmail);
  expect(await addressOf(gatehouse, ada)).toBe(ada.email);
  expect((await confirmMove(gatehouse, ada, code)).status).toBe(200);

  expect(await addressOf(gatehouse, ada)).toBe(newEmail);
  expect((await login(gatehouse, ada)).status).toBe(401);
  expect((await login(gatehouse, { ...ada, email: newEmail })).status).toBe(200);
  expect((await gatehouse.get('/me', { token: other.accessToken })).status).toBe(401);
  expect(await endsOf(newEmail)).toEqual([null, 'email_changed', null]);
  const reset = { token: linkTokenIn(resetMail), newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/reset-password', reset)).toMatchObject(REFUSED);
  for (const address of [ada.email, newEmail]) {
    await expect.poll(() => subjectsTo(address)).toContain('Your Gatehouse address was changed');
  }
});

test('a wrong password requests nothing, and a code proves nothing without the session that requested it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mallory = await loggedIn(gatehouse, 'mallory');
  const wrong = await askToMove(gatehouse, { ...ada, password: 'not the password' }, freshAddress());
  expect(wrong).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
  expect(
    await query(
      `SELECT t.id FROM verification_tokens t JOIN users u ON u.id = user_id WHERE u.email = $1 AND purpose = 'change_email'`,
      [ada.email],
    ),
  ).toEqual([]);

  const code = await codeToMove(gatehouse, ada, freshAddress());
  expect(await confirmMove(gatehouse, mallory, code)).toMatchObject(REFUSED);
  expect((await confirmMove(gatehouse, ada, code)).status).toBe(200);
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  expect(await confirmMove(gatehouse, ada, code)).toMatchObject({
    status: 401,
    body: { code: 'invalid_token' },
  });
});

test('the own address is no change, and requesting it with the right password is no failed try', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2' });
  const ada = await loggedIn(gatehouse);
  for (let time = 0; time < 4; time++)
    expect(await askToMove(gatehouse, ada, ada.email.toUpperCase())).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'newEmail' }] },
    });
});

test('a taken address gets the same visible answer as a free one; its owner gets a mail', async () => {
  const gatehouse = startGatehouse();
  const owner = await resident(gatehouse, 'owner');
  const seen = [];
  for (const newEmail of [freshAddress(), owner.email]) {
    const ada = await loggedIn(gatehouse);
    const { count, answer } = await gatehouse.tripsOf(() => askToMove(gatehouse, ada, newEmail));
    const wrong = await confirmMove(gatehouse, ada, '000000');
    await expect.poll(() => subjectsTo(ada.email)).toContain('A new address for your Gatehouse account?');
    const { data } = (await gatehouse.get('/me/export', { token: ada.accessToken })).body;
    const events = (await gatehouse.get('/events', { token: ada.accessToken })).body.data.events;
    const kinds = (rows: { kind: string }[]) => rows.map(({ kind }) => kind);
    seen.push({
      count,
      status: answer.status,
      body: answer.body,
      wrong: { ...wrong.body, requestId: '' },
      events: kinds(events),
      mails: kinds(data.mails),
      changes: data.addressChanges.length,
    });
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]).toMatchObject({ count: 2, status: 200, changes: 1 });
  const notice = await nextMessageTo(owner.email, { after: (await messagesTo(owner.email)).at(-1) as never });
  expect(notice.subject).toBe('You already have a Gatehouse account');
  expect(notice.text).not.toMatch(/\d{6}/);
  expect((await login(gatehouse, owner)).status).toBe(200);
});

test('a code is good for five tries, also at once', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const code = await codeToMove(gatehouse, ada, freshAddress());
  const tries = Array.from({ length: 10 }, () => confirmMove(gatehouse, ada, otherThan(code)));
  for (const answer of await Promise.all(tries)) expect(answer).toMatchObject(REFUSED);
  expect(await confirmMove(gatehouse, ada, code)).toMatchObject(REFUSED);
  expect(await addressOf(gatehouse, ada)).toBe(ada.email);
  const exhausted = `SELECT e.kind FROM security_events e JOIN users u ON u.id = e.user_id
    WHERE u.email = $1 AND e.kind = 'otp.exhausted'`;
  expect(await query(exhausted, [ada.email])).toHaveLength(1);
});

test('a code lives for five minutes, counts once, and dies with a newer request', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const expired = await codeToMove(gatehouse, ada, freshAddress());
  gatehouse.clock.travel(301);
  expect(await confirmMove(gatehouse, ada, expired)).toMatchObject(REFUSED);

  const newEmail = freshAddress();
  const replaced = await codeToMove(gatehouse, ada, newEmail);
  const newest = await codeToMove(gatehouse, ada, newEmail);
  if (replaced !== newest) expect(await confirmMove(gatehouse, ada, replaced)).toMatchObject(REFUSED);
  const answers = await Promise.all(Array.from({ length: 8 }, () => confirmMove(gatehouse, ada, newest)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('a code mailed for a sign-up confirms no change of address', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const bob = person('bob');
  const { mail } = await signUp(gatehouse, bob);
  await codeToMove(gatehouse, ada, bob.email);
  expect(await confirmMove(gatehouse, ada, codeIn(mail))).toMatchObject(REFUSED);
});

test('the database holds neither the code nor the cancel token', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [before] = await messagesTo(ada.email);
  const code = await codeToMove(gatehouse, ada, freshAddress());
  const notice = await nextMessageTo(ada.email, before && { after: before });
  const rows = await query(
    `SELECT row_to_json(t) AS token, (SELECT json_agg(o) FROM email_outbox o WHERE o.user_id = u.id) AS mails
     FROM verification_tokens t JOIN users u ON u.id = t.user_id WHERE u.email = $1 AND purpose = 'change_email'`,
    [ada.email],
  );
  expect(rows).toHaveLength(1);
  const stored = JSON.stringify(rows);
  expect(stored).not.toContain(`"${code}"`);
  expect(stored).not.toContain(linkTokenIn(notice));
});

test('the history says which change was requested, refused and made', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const newEmail = freshAddress();
  const code = await codeToMove(gatehouse, ada, newEmail);
  await confirmMove(gatehouse, ada, otherThan(code));
  await confirmMove(gatehouse, ada, code);
  const events = `SELECT e.kind, e.reason, e.session_id IS NOT NULL AS by_session FROM security_events e
    JOIN users u ON u.id = e.user_id WHERE u.email = $1 AND e.kind LIKE 'email.%' ORDER BY e.id`;
  const by_session = true;
  expect(await query(events, [newEmail])).toEqual([
    { kind: 'email.change_requested', reason: null, by_session },
    { kind: 'email.change_failed', reason: 'not_open_or_wrong_code', by_session },
    { kind: 'email.changed', reason: null, by_session },
  ]);
});
