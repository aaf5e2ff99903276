/** Several people who want one address, at the same moment or one after the other. */
import { expect, test } from 'vitest';
import { accountsOf } from '../support/accounts.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { hold } from '../support/hold.ts';
import { codeIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { addressOf, codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, login, person, signUp } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };

test('when several people confirm one new address at once, exactly one gets it, and a sign-up for it loses too', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '20' });
  for (let round = 0; round < 2; round++) {
    const newEmail = freshAddress();
    const people = [
      await loggedIn(gatehouse),
      await loggedIn(gatehouse, 'bob'),
      await loggedIn(gatehouse, 'eve'),
    ];
    const codes: string[] = [];
    for (const who of people) codes.push(await codeToMove(gatehouse, who, newEmail));
    const [newest] = await messagesTo(newEmail);
    const signup = await gatehouse.post('/signup', { ...person('zoe'), email: newEmail });
    const code = codeIn(await nextMessageTo(newEmail, newest && { after: newest }));

    const answers = await Promise.all([
      ...people.map((who, i) => confirmMove(gatehouse, who, codes[i] ?? '')),
      gatehouse.post('/verify-email', { id: signup.body.data.id, code }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(REFUSED);
    const owners = await query('SELECT id FROM users WHERE email = $1', [newEmail]);
    expect(owners.length).toBeGreaterThanOrEqual(1);
    expect(
      await query('SELECT id FROM users WHERE email = $1 AND email_verified_at IS NOT NULL', [newEmail]),
    ).toHaveLength(1);
  }
});

test('the first to confirm gets the address; the second waits for the first, and is refused', async () => {
  const gatehouse = startGatehouse();
  const [ada, bob] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'bob')];
  const newEmail = freshAddress();
  const codes = [await codeToMove(gatehouse, ada, newEmail), await codeToMove(gatehouse, bob, newEmail)];
  const held = await hold('SELECT id FROM users WHERE email = $1 FOR NO KEY UPDATE', [ada.email]);
  const first = confirmMove(gatehouse, ada, codes[0] ?? '');
  await held.waitedForBy(1);
  const second = confirmMove(gatehouse, bob, codes[1] ?? '');
  await held.waitedForBy(2);
  await held.letGo();
  expect((await first).status).toBe(200);
  expect(await second).toMatchObject(REFUSED);
  expect(await addressOf(gatehouse, ada)).toBe(newEmail);
});

test('a sign-up that waited for the address is void once somebody has changed to it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mallory = person('mallory');
  await signUp(gatehouse, mallory);
  const code = await codeToMove(gatehouse, ada, mallory.email);
  expect((await confirmMove(gatehouse, ada, code)).status).toBe(200);
  expect((await login(gatehouse, mallory)).status).toBe(401);
  expect(await accountsOf(mallory.email)).toMatchObject([{ name: 'ada', verified: true }]);
});

test('after a change the address is taken like any other: the answer to a sign-up does not show it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const newEmail = freshAddress();
  await confirmMove(gatehouse, ada, await codeToMove(gatehouse, ada, newEmail));
  const mallory = { ...person('mallory'), email: newEmail };
  expect((await gatehouse.post('/signup', mallory)).status).toBe(200);
  expect(await login(gatehouse, mallory)).toMatchObject({
    status: 403,
    body: { code: 'email_not_verified' },
  });
  expect((await login(gatehouse, { ...ada, email: newEmail })).status).toBe(200);
});
