import { expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { messagesTo } from '../support/mailbox.ts';
import { mailsTo, owedTo } from '../support/owed-mail.ts';
import { loggedIn, type Person, person, resident, signUp, type Tokens } from '../support/person.ts';

const PATIENT = { PASSWORD_HASH_WAITING: '64' };
const DAY = 86_400;

const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });
const changeTo = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token: accessToken });
const many = (gatehouse: Gatehouse, count: number) =>
  Promise.all(Array.from({ length: count }, () => loggedIn(gatehouse)));

test('the owner of a taken address is told once a day, by whatever way others run into it', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const asker = await loggedIn(gatehouse, 'asker');
  const notices = async () =>
    (await owedTo(owner.email)).mailed.filter(({ kind }) => kind !== 'verify_email').length;
  for (let time = 0; time < 3; time++) await signUpAs(gatehouse, owner.email);
  await changeTo(gatehouse, asker, owner.email);
  expect(await notices()).toBe(1);
  gatehouse.clock.travel(DAY - 60);
  await signUpAs(gatehouse, owner.email);
  expect(await notices()).toBe(1);
  gatehouse.clock.travel(61);
  await signUpAs(gatehouse, owner.email);
  expect(await notices()).toBe(2);
});

test('people who ask for one free address cause four codes a day between them, beside those of sign-ups', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const askers = await many(gatehouse, 6);
  const free = person('free').email;
  const answers = await Promise.all(askers.map((asker) => changeTo(gatehouse, asker, free)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(await mailsTo(free)).toBe(4);
  await signUp(gatehouse, { ...person(), email: free });
});

test('who asks for other addresses has one budget for all of them, taken or free', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, owner] = [await loggedIn(gatehouse), await resident(gatehouse, 'owner')];
  const addresses = Array.from({ length: 4 }, () => person('free').email);
  for (const newEmail of [...addresses, owner.email])
    expect((await changeTo(gatehouse, ada, newEmail)).status).toBe(200);
  const late = person('late').email;
  expect((await changeTo(gatehouse, ada, late)).status).toBe(200);
  for (const email of addresses) expect(await mailsTo(email)).toBe(1);
  expect(await owedTo(late)).toMatchObject({ mailed: [], heldBack: [{ failure: 'budget' }] });
  const { body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(body.data.addressChanges).toMatchObject([{ email: late }]);
  gatehouse.clock.travel(3_601);
  const { data } = (await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).body;
  expect((await changeTo(gatehouse, { ...ada, ...data }, late)).status).toBe(200);
  expect(await mailsTo(late)).toBe(1);
});

test('what an asker is mailed next does not tell whether the address asked for before has an account', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const seen = [];
  for (const asked of [owner.email, person('free').email]) {
    const [mallory, own] = [await loggedIn(gatehouse, 'mallory'), person('own').email];
    // The lanes of an address that is taken fill in another way than those of one that is free.
    await gatehouse.post('/forgot-password', { email: asked });
    for (let time = 0; time < 5; time++) await changeTo(gatehouse, mallory, asked);
    await changeTo(gatehouse, mallory, own);
    seen.push(await mailsTo(own));
  }
  expect(seen).toEqual([0, 0]);
});

test('an asker who deletes the account leaves the lane of the address as full as it was, and no trace', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, bob] = await many(gatehouse, 2);
  if (!ada || !bob) throw new Error('two people are logged in');
  const free = person('free').email;
  for (let time = 0; time < 4; time++) {
    await changeTo(gatehouse, ada, free);
    await expect.poll(() => messagesTo(free), { timeout: 30_000 }).toHaveLength(time + 1);
  }
  const { password, accessToken: token } = ada;
  expect((await gatehouse.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  const kept = async () => (await owedTo(free)).mailed;
  const traceless = Array(4).fill({ user_id: null, recipient: null });
  await expect.poll(kept, { timeout: 30_000 }).toMatchObject(traceless);
  expect((await changeTo(gatehouse, bob, free)).status).toBe(200);
  expect(await kept()).toHaveLength(4);
});
