import { expect, test } from 'vitest';
import { accountsOf } from '../support/accounts.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { guess } from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { codeIn, linkTokenIn, messagesTo } from '../support/mailbox.ts';
import { login, person, resident, signUp, verify } from '../support/person.ts';

test('20 parallel sign-ups and 20 parallel verifications of one address leave exactly one account', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '32' });
  const { email } = person('crowd');
  const people = Array.from({ length: 20 }, (_, index) => ({ ...person(`crowd${index}`), email }));

  const answers = await Promise.all(people.map((who) => gatehouse.post('/signup', who)));
  expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
  await expect.poll(() => messagesTo(email)).toHaveLength(4);

  const ids: string[] = answers.map(({ body }) => body.data.id);
  const rows = await query<{ user_id: string; mail_id: string }>(
    'SELECT user_id, mail_id FROM verification_tokens WHERE user_id = ANY($1)',
    [ids],
  );
  const mails = await messagesTo(email);
  const [anyMail] = mails;
  if (anyMail === undefined) throw new Error('four mails came');
  const proofs = ids.map((id) => {
    const mailId = rows.find(({ user_id }) => user_id === id)?.mail_id;
    const mail = mails.find(({ idempotencyKey }) => idempotencyKey === mailId);
    return { id, ...(mail ? { code: codeIn(mail) } : { token: linkTokenIn(anyMail) }) };
  });
  const verified = await Promise.all(proofs.map((proof) => gatehouse.post('/verify-email', proof)));

  expect(verified.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  const winner = verified.findIndex(({ status }) => status === 200);
  expect(await accountsOf(email)).toMatchObject([{ id: proofs[winner]?.id, verified: true }]);
  const opened = await Promise.all(people.map((who) => login(gatehouse, who)));
  expect(opened.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('when sign-ups race a verification, it gets the account and none of them can be proven', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '32' });
  const ada = person('ada');
  const first = await signUp(gatehouse, ada);
  const late = () => gatehouse.post('/signup', { ...person('late'), email: ada.email });
  await Promise.all([verify(gatehouse, first), late(), late(), late(), late(), late()]);

  for (const mail of await messagesTo(ada.email)) {
    const [, code] = /^(\d{6}) is your/.exec(mail.subject) ?? [];
    const rows = await accountsOf(ada.email);
    for (const { id } of rows.filter((row) => row.id !== first.id))
      if (code) expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
  }
  expect((await accountsOf(ada.email)).filter((row) => row.verified)).toMatchObject([{ id: first.id }]);
});

test('past four waiting hashes a sign-up is refused with Retry-After and leaves nothing behind', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '4' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 1);
  // A login takes its place before the trip that counts it.
  const counters =
    'SELECT FROM failed_login_attempts WHERE user_id = (SELECT id FROM users WHERE email = $1)';
  const held = await hold(`${counters} FOR UPDATE`, [ada.email]);
  const busy = Array.from({ length: 4 }, () => login(gatehouse, ada));
  await held.waitedForBy(4);
  expect((await gatehouse.post('/signup', person('early'))).status).toBe(200);
  busy.push(login(gatehouse, ada));
  await held.waitedForBy(5);

  const late = Array.from({ length: 10 }, () => person('late'));
  for (const { status, body, headers } of await Promise.all(
    late.map((who) => gatehouse.post('/signup', who)),
  )) {
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'overloaded' });
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
  }
  expect(await query('SELECT FROM users WHERE email = ANY($1)', [late.map(({ email }) => email)])).toEqual(
    [],
  );

  await held.letGo();
  for (const { status } of await Promise.all(busy)) expect(status).toBe(200);
  expect((await gatehouse.post('/signup', late[0])).status).toBe(200);
});
