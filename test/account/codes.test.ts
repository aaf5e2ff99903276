/** How often a mailed secret may be tried, and which secrets are never valid. */
import { expect, test } from 'vitest';
import { codeOf, otherThan } from '../support/code.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { times } from '../support/guesses.ts';
import { eventsOf } from '../support/history.ts';
import { codeIn, linkTokenIn } from '../support/mailbox.ts';
import { addressOf, askToMove, codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, person, signUp } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };
const ASKS_AN_HOUR = 5;

test.each([
  [4, 200],
  [5, 400],
])(
  'after %i wrong codes the right one gives %i, for a sign-up and for a change of address; only wrong ones use a code up',
  async (wrong, status) => {
    const gatehouse = startGatehouse();
    const { id, mail } = await signUp(gatehouse, person());
    const code = codeIn(mail);
    await times(wrong, () => gatehouse.post('/verify-email', { id, code: otherThan(code) }));
    expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(status);
    const isUsedUp = status === 200 ? [] : ['otp.exhausted'];
    expect(await eventsOf(mail.to, 'otp.%')).toEqual(isUsedUp);

    const ada = await loggedIn(gatehouse);
    const change = await codeToMove(gatehouse, ada, freshAddress());
    await times(wrong, () => confirmMove(gatehouse, ada, otherThan(change)));
    expect((await confirmMove(gatehouse, ada, change)).status).toBe(status);
    expect(await eventsOf(await addressOf(gatehouse, ada), 'otp.%')).toEqual(isUsedUp);
  },
);

test.each([
  [4, 200],
  [5, 400],
])('after %i wrong passwords with a link the right one gives %i', async (wrong, status) => {
  const gatehouse = startGatehouse();
  const ada = person();
  const token = linkTokenIn((await signUp(gatehouse, ada)).mail);
  await times(wrong, () => gatehouse.post('/verify-email', { token, password: 'a wrong password' }));
  expect((await gatehouse.post('/verify-email', { token, password: ada.password })).status).toBe(status);
});

test('a new request for an address has its own tries', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const first = await codeToMove(gatehouse, ada, freshAddress());
  await times(5, () => confirmMove(gatehouse, ada, otherThan(first)));
  const newEmail = freshAddress();
  const second = await codeToMove(gatehouse, ada, newEmail);
  await times(4, () => confirmMove(gatehouse, ada, otherThan(second)));
  expect((await confirmMove(gatehouse, ada, second)).status).toBe(200);
  expect(await addressOf(gatehouse, ada)).toBe(newEmail);
});

test('the code of a change that was requested too often, and never mailed, changes nothing', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [row] = await query<{ id: string }>('SELECT id FROM users WHERE email = $1', [ada.email]);
  const userId = row?.id ?? '';
  let mailed = '';
  for (let time = 0; time < ASKS_AN_HOUR; time++) mailed = await codeToMove(gatehouse, ada, freshAddress());
  expect(mailed).toBe(await codeOf(gatehouse, 'change-email', userId));
  expect((await askToMove(gatehouse, ada, freshAddress())).status).toBe(200);
  const never = await codeOf(gatehouse, 'change-email', userId);
  for (const code of [never, mailed]) expect(await confirmMove(gatehouse, ada, code)).toMatchObject(REFUSED);
  expect(await addressOf(gatehouse, ada)).toBe(ada.email);
});

test('a sign-up that waited too long is not proven any more, and a resend does not bring it back', async () => {
  const gatehouse = startGatehouse({ SIGNUP_PENDING_SECONDS: '120', VERIFICATION_CODE_SECONDS: '300' });
  const { id, mail } = await signUp(gatehouse, person());
  gatehouse.clock.travel(121);
  expect((await gatehouse.post('/verify-email/resend', { id })).status).toBe(200);
  expect(await query('SELECT resends FROM verification_tokens WHERE user_id = $1', [id])).toEqual([
    { resends: 0 },
  ]);
  const code = await codeOf(gatehouse, 'verify-email', id);
  expect(code).toBe(codeIn(mail));
  const token = linkTokenIn(mail);
  for (const proof of [
    { id, code },
    { id, token },
  ])
    expect(await gatehouse.post('/verify-email', proof)).toMatchObject(REFUSED);
});
