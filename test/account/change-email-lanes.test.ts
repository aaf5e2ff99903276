import { expect, test } from 'vitest';
import { codeOf } from '../support/code.ts';
import { type Gatehouse, startGatehouse, startStill } from '../support/gatehouse.ts';
import { messagesTo } from '../support/mailbox.ts';
import { confirmMove, freshAddress } from '../support/move.ts';
import { mailsTo, owedTo } from '../support/owed-mail.ts';
import { loggedIn, login, type Person, person, resident, signUp, type Tokens } from '../support/person.ts';

const PATIENT = { PASSWORD_HASH_WAITING: '64' };
const DAY = 86_400;

const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });
const changeTo = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token: accessToken });
const tagged = (email: string, tag: string | number) => email.replace('@', `+${tag}@`);
const many = (gatehouse: Gatehouse, count: number) =>
  Promise.all(Array.from({ length: count }, () => loggedIn(gatehouse)));

test('the owner of a taken address gets one notice a day, whichever way others try the address', async () => {
  const gatehouse = startStill(PATIENT);
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

test('people who request one free address cause four codes a day together, beside those of sign-ups', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const askers = await many(gatehouse, 6);
  const free = person('free').email;
  const answers = await Promise.all(askers.map((asker) => changeTo(gatehouse, asker, free)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(await mailsTo(free)).toBe(4);
  await signUp(gatehouse, { ...person(), email: free });
});

test('a person has one budget for all the addresses they request, taken or free', async () => {
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

test('the next mail to a person does not show whether the address they requested before has an account', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const seen = [];
  for (const asked of [owner.email, person('free').email]) {
    const [mallory, own] = [await loggedIn(gatehouse, 'mallory'), person('own').email];
    // The lanes of a taken address fill in another way than those of a free one.
    await gatehouse.post('/forgot-password', { email: asked });
    for (let time = 0; time < 5; time++) await changeTo(gatehouse, mallory, asked);
    await changeTo(gatehouse, mallory, own);
    seen.push(await mailsTo(own));
  }
  expect(seen).toEqual([0, 0]);
});

test('a person who deletes the account leaves the lane of a requested address as full as it was, and no trace', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [ada, bob] = await many(gatehouse, 2);
  if (!ada || !bob) throw new Error('two people are logged in');
  const free = person('free').email;
  for (let time = 0; time < 4; time++) {
    await changeTo(gatehouse, ada, free);
    await expect.poll(() => messagesTo(free)).toHaveLength(time + 1);
  }
  const { password, accessToken: token } = ada;
  expect((await gatehouse.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  const kept = async () => (await owedTo(free)).mailed;
  const traceless = Array(4).fill({ user_id: null, recipient: null });
  await expect.poll(kept).toMatchObject(traceless);
  expect((await changeTo(gatehouse, bob, free)).status).toBe(200);
  expect(await kept()).toHaveLength(4);
});

test('an earlier request to change to an address does not make the notice of a sign-up come sooner', async () => {
  const gatehouse = startGatehouse();
  const owner = await resident(gatehouse, 'owner');
  await changeTo(gatehouse, await loggedIn(gatehouse, 'asker'), owner.email);
  await signUpAs(gatehouse, owner.email);
  const { mailed, heldBack } = await owedTo(owner.email);
  expect(mailed.map(({ kind }) => kind)).toEqual(['verify_email', 'change_email_taken']);
  expect(heldBack).toMatchObject([{ kind: 'already_registered', failure: 'budget' }]);
});

/** Logged in again, because an access token does not live that long. */
async function again(gatehouse: Gatehouse, who: Person) {
  const { status, body } = await login(gatehouse, who);
  expect(status).toBe(200);
  return { ...who, ...body.data };
}

test('ten changes of address are granted in 24 hours, and the ones that were held back do not count', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse, 'ada');
  const granted = async (count: number) => {
    const who = await again(gatehouse, ada);
    const addresses = Array.from({ length: count }, freshAddress);
    for (const newEmail of addresses) expect((await changeTo(gatehouse, who, newEmail)).status).toBe(200);
    const counts = await Promise.all(addresses.map(mailsTo));
    return counts.reduce((sum, owed) => sum + owed);
  };
  expect(await granted(7)).toBe(5);
  gatehouse.clock.travel(3_601);
  expect(await granted(5)).toBe(5);
  gatehouse.clock.travel(3_601);
  expect(await granted(1)).toBe(0);
  gatehouse.clock.travel(DAY - 2 * 3_601 - 600);
  expect(await granted(1)).toBe(0);
  gatehouse.clock.travel(1_200);
  expect(await granted(1)).toBe(1);
});

test('all tags of one mailbox share its four codes, and the code that was held back is void, even the right one', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const free = freshAddress();
  const addresses = Array.from({ length: 5 }, (_, tag) => tagged(free, tag));
  for (const newEmail of addresses) expect((await changeTo(gatehouse, ada, newEmail)).status).toBe(200);
  expect(await Promise.all(addresses.map(mailsTo))).toEqual([1, 1, 1, 1, 0]);
  const { data } = (await gatehouse.get('/me', { token: ada.accessToken })).body;
  const code = await codeOf(gatehouse, 'change-email', data.id);
  expect(await confirmMove(gatehouse, ada, code)).toMatchObject({
    status: 400,
    body: { code: 'invalid_code' },
  });
  await changeTo(gatehouse, await loggedIn(gatehouse, 'bob'), free);
  expect(await mailsTo(free)).toBe(1);
});
