import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, person, resident, signUp, verify } from '../support/person.ts';

const BUDGET = { MAIL_BUDGET: '' };
const mails = async (email: string) =>
  Number(
    (
      await query<{ count: string }>(
        'SELECT count(*) FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1',
        [email],
      )
    )[0]?.count,
  );
const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });

test('strangers cause one mail a minute, five an hour and ten a day for an address; the answer is always the same', async () => {
  const gatehouse = startGatehouse({ ...BUDGET, PASSWORD_HASH_WAITING: '64' });
  const { email } = person('target');
  const ask = async (travel: number) => {
    gatehouse.clock.travel(travel);
    const { status, body } = await signUpAs(gatehouse, email);
    expect([status, Object.keys(body.data)]).toEqual([200, ['id']]);
    return mails(email);
  };
  expect(await ask(0)).toBe(1);
  expect(await ask(50)).toBe(1);
  expect(await ask(11)).toBe(2);
  for (const count of [3, 4, 5, 5, 5]) expect(await ask(61)).toBe(count);
  gatehouse.clock.travel(3_600);
  for (const count of [6, 7, 8, 9, 10, 10]) expect(await ask(61)).toBe(count);
  expect(await ask(3_600)).toBe(10);
  expect(await ask(86_400)).toBe(11);
});

test('sign-ups that race cause one mail', async () => {
  const gatehouse = startGatehouse({ ...BUDGET, PASSWORD_HASH_WAITING: '64' });
  const { email } = person('target');
  await Promise.all(Array.from({ length: 8 }, () => signUpAs(gatehouse, email)));
  expect(await mails(email)).toBe(1);
});

test('an address with an account has the same budget for notices that somebody tried to sign up', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const owner = await resident(gatehouse);
  await signUpAs(gatehouse, owner.email);
  expect(await mails(owner.email)).toBe(1);
  gatehouse.clock.travel(61);
  await signUpAs(gatehouse, owner.email);
  await signUpAs(gatehouse, owner.email);
  expect(await mails(owner.email)).toBe(2);
});

test('a resend past the budget mails nothing, and the code that was mailed stays good', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const ada = person('ada');
  const signup = await signUp(gatehouse, ada);
  expect((await gatehouse.post('/verify-email/resend', { id: signup.id })).status).toBe(200);
  expect(await mails(ada.email)).toBe(1);
  await verify(gatehouse, signup);
});

test('a resend within the budget mails a new code', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  gatehouse.clock.travel(61);
  await gatehouse.post('/verify-email/resend', { id });
  const next = await nextMessageTo(ada.email, { after: mail });
  expect((await gatehouse.post('/verify-email', { id, code: codeIn(next) })).status).toBe(200);
});

test('a code that nobody was sent cannot be guessed', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const { email } = person('target');
  await signUpAs(gatehouse, email);
  const { body } = await signUpAs(gatehouse, email);
  const [row] = await query<{ open: boolean }>(
    'SELECT code_expires_at > created_at AS open FROM verification_tokens WHERE user_id = $1',
    [body.data.id],
  );
  expect(row).toEqual({ open: false });
  expect(await messagesTo(email)).toHaveLength(1);
});

test('forgotten passwords share the budget, and the link that was mailed stays good', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const ada = await resident(gatehouse);
  const [welcome] = await messagesTo(ada.email);
  const forgot = () => gatehouse.post('/forgot-password', { email: ada.email });
  expect((await forgot()).status).toBe(200);
  expect(await mails(ada.email)).toBe(1);
  gatehouse.clock.travel(61);
  await Promise.all([forgot(), forgot(), forgot()]);
  expect(await mails(ada.email)).toBe(2);
  const token = linkTokenIn(await nextMessageTo(ada.email, welcome && { after: welcome }));
  const newPassword = 'a brand new kettle';
  expect((await gatehouse.post('/reset-password', { token, newPassword })).status).toBe(200);
});

test('codes for other addresses count against the person who asks, taken or free', async () => {
  const gatehouse = startGatehouse({ ...BUDGET });
  const [ada, owner] = [await loggedIn(gatehouse), await resident(gatehouse, 'owner')];
  const ask = (newEmail: string) =>
    gatehouse.post('/change-email', { newEmail, currentPassword: ada.password }, { token: ada.accessToken });
  const [first, second] = [person('first').email, person('second').email];
  gatehouse.clock.travel(61);
  for (const newEmail of [first, second, owner.email]) expect((await ask(newEmail)).status).toBe(200);
  await nextMessageTo(first);
  expect(await messagesTo(second)).toEqual([]);
  const { body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(body.data.addressChanges).toMatchObject([{ email: owner.email }]);
});
