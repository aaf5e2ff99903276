import { expect, test } from 'vitest';
import { recipientKeys } from '../../src/mail/recipient.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, type Person, person, resident, signUp, type Tokens, verify } from '../support/person.ts';

const BUDGET = { MAIL_BUDGET: '' };
/** The mails that strangers have caused for the address so far. */
async function mailsTo<Row>(email: string): Promise<Row[]> {
  const [key] = recipientKeys(startGatehouse().config.mailSecrets, email);
  const hex = Buffer.from(key).toString('hex');
  return query<Row>(`SELECT * FROM email_outbox WHERE recipient_key = decode($1, 'hex')`, [hex]);
}
const mails = async (email: string) => (await mailsTo(email)).length;
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

const PATIENT = { ...BUDGET, PASSWORD_HASH_WAITING: '64' };
const changeTo = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token: accessToken });
const many = (gatehouse: Gatehouse, count: number) =>
  Promise.all(Array.from({ length: count }, () => loggedIn(gatehouse)));

test('people who ask for one free address, and sign-ups for it, cause one mail a minute between them', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const askers = await many(gatehouse, 4);
  const free = person('free').email;
  for (const count of [1, 2]) {
    const answers = await Promise.all([
      ...askers.map((asker) => changeTo(gatehouse, asker, free)),
      signUpAs(gatehouse, free),
      signUpAs(gatehouse, free),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await mails(free)).toBe(count);
    gatehouse.clock.travel(61);
  }
});

test('a code for a sign-up and one for a change of address share the budget, whichever comes first', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, bob] = await many(gatehouse, 2);
  if (!ada || !bob) throw new Error('two people are logged in');
  const [first, second] = [person('first').email, person('second').email];
  expect((await signUpAs(gatehouse, first)).status).toBe(200);
  expect((await changeTo(gatehouse, ada, first)).status).toBe(200);
  expect((await changeTo(gatehouse, bob, second)).status).toBe(200);
  expect((await signUpAs(gatehouse, second)).status).toBe(200);
  expect([await mails(first), await mails(second)]).toEqual([1, 1]);
});

test('who asks for other addresses has one budget for all of them, taken or free', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, owner] = [await loggedIn(gatehouse), await resident(gatehouse, 'owner')];
  const [first, second] = [person('first').email, person('second').email];
  gatehouse.clock.travel(61);
  for (const newEmail of [first, second, owner.email])
    expect((await changeTo(gatehouse, ada, newEmail)).status).toBe(200);
  await nextMessageTo(first);
  expect(await messagesTo(second)).toEqual([]);
  expect(await mails(owner.email)).toBe(1);
  const { body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(body.data.addressChanges).toMatchObject([{ email: owner.email }]);
  gatehouse.clock.travel(61);
  expect((await changeTo(gatehouse, ada, second)).status).toBe(200);
  expect(await mails(second)).toBe(1);
});

test('what an asker is mailed next does not tell whether the address asked for before has an account', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  gatehouse.clock.travel(61);
  const seen = [];
  for (const asked of [owner.email, person('free').email]) {
    const [mallory, own] = [await loggedIn(gatehouse, 'mallory'), person('own').email];
    // An account is mailed a link, which spends its budget; nobody is not.
    await gatehouse.post('/forgot-password', { email: asked });
    await changeTo(gatehouse, mallory, asked);
    await changeTo(gatehouse, mallory, own);
    seen.push(await mails(own));
  }
  expect(seen).toEqual([0, 0]);
});

test('an asker who deletes the account leaves the budget of the address as spent as it was, and no trace', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, bob] = await many(gatehouse, 2);
  if (!ada || !bob) throw new Error('two people are logged in');
  const free = person('free').email;
  expect((await changeTo(gatehouse, ada, free)).status).toBe(200);
  await nextMessageTo(free);
  const { password, accessToken: token } = ada;
  expect((await gatehouse.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  expect((await changeTo(gatehouse, bob, free)).status).toBe(200);
  const kept = () => mailsTo<{ user_id: string | null; recipient: string | null }>(free);
  await expect.poll(kept, { timeout: 5_000 }).toMatchObject([{ user_id: null, recipient: null }]);
});

test('a new mail key starts no budget anew', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [before] = gatehouse.config.mailSecrets;
  const text = ({ id, secret }: { id: string; secret: Uint8Array }) =>
    `${id}:${Buffer.from(secret).toString('base64url')}`;
  const fresh = { id: 'fresh', secret: crypto.getRandomValues(new Uint8Array(32)) };
  const rotated = startGatehouse({ ...PATIENT, MAIL_SECRETS: `${text(fresh)},${text(before)}` });
  const { email } = person('target');
  expect((await signUpAs(gatehouse, email)).status).toBe(200);
  const { body } = await signUpAs(rotated, email);
  expect(await query('SELECT FROM email_outbox WHERE user_id = $1', [body.data.id])).toEqual([]);
});
