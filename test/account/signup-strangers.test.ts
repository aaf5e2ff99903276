import { describe, expect, test } from 'vitest';
import { accountsOf } from '../support/accounts.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, nextMessageTo } from '../support/mailbox.ts';
import { login, type Person, person, signUp, verify } from '../support/person.ts';

describe("a stranger's sign-up for my address never becomes my account", () => {
  /** Mallory signs up with Ada's address first, Ada second: Ada holds both mails and her own id and password. */
  async function bothSignUp() {
    const gatehouse = startGatehouse();
    const ada = person('ada');
    const mallory = { ...person('mallory'), email: ada.email };
    const stranger = await signUp(gatehouse, mallory);
    const { body } = await gatehouse.post('/signup', ada);
    const own = { id: body.data.id, mail: await nextMessageTo(ada.email, { after: stranger.mail }) };
    return { gatehouse, ada, mallory, stranger, own };
  }

  test("when I use the stranger's code with my sign-up", async () => {
    const { gatehouse, ada, stranger, own } = await bothSignUp();
    const answer = await gatehouse.post('/verify-email', { id: own.id, code: codeIn(stranger.mail) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
    expect((await accountsOf(ada.email)).some((row) => row.verified)).toBe(false);
  });

  test("when I open the stranger's link: with my id or my password it proves my sign-up, the stranger gets nothing", async () => {
    for (const show of [
      ({ id }: { id: string }) => ({ id }),
      (_: unknown, { password }: Person) => ({ password }),
    ]) {
      const { gatehouse, ada, mallory, stranger, own } = await bothSignUp();
      const proof = { token: linkTokenIn(stranger.mail), ...show(own, ada) };
      expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
      expect(await accountsOf(ada.email)).toMatchObject([{ id: own.id, name: 'ada', verified: true }]);
      expect((await login(gatehouse, ada)).status).toBe(200);
      expect((await login(gatehouse, mallory)).status).toBe(401);
    }
  });

  test("when a link comes with a password that none of the sign-ups has, or the id of another address's", async () => {
    const { gatehouse, ada, stranger } = await bothSignUp();
    const elsewhere = await signUp(gatehouse, person('elsewhere'));
    const token = linkTokenIn(stranger.mail);
    for (const proof of [
      { token, password: 'none of theirs' },
      { token, id: elsewhere.id },
      { token, id: crypto.randomUUID() },
    ]) {
      const answer = await gatehouse.post('/verify-email', proof);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
    }
    expect((await accountsOf(ada.email)).some((row) => row.verified)).toBe(false);
    expect((await accountsOf(elsewhere.mail.to)).some((row) => row.verified)).toBe(false);
  });

  test('when I act on my own mail: my password opens the account and the stranger gets nothing', async () => {
    const { gatehouse, ada, mallory, stranger, own } = await bothSignUp();
    await verify(gatehouse, own);

    expect((await login(gatehouse, ada)).status).toBe(200);
    expect(await login(gatehouse, mallory)).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
    expect(await accountsOf(ada.email)).toMatchObject([{ id: own.id, name: 'ada', verified: true }]);
    const late = { id: stranger.id, code: codeIn(stranger.mail) };
    expect((await gatehouse.post('/verify-email', late)).status).toBe(400);
  });
});

test('a hundred and twenty strangers who sign up with my address cannot hide my sign-up, and never get the address', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '64' });
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  const strangers = [];
  for (let round = 0; round < 6; round++) {
    const crowd = Array.from({ length: 20 }, (_, index) => ({
      ...person(`stranger${20 * round + index}`),
      email: ada.email,
    }));
    const answers = await Promise.all(crowd.map((who) => gatehouse.post('/signup', who)));
    strangers.push(...crowd.map((who, index) => ({ who, id: answers[index]?.body.data.id as string })));
  }
  expect(await login(gatehouse, ada)).toMatchObject({
    status: 403,
    body: { code: 'email_not_verified', id },
  });
  for (const stranger of [strangers[0], strangers[119]])
    if (stranger)
      expect(await login(gatehouse, stranger.who)).toMatchObject({ status: 403, body: { id: stranger.id } });

  const token = linkTokenIn(mail);
  const { work } = await gatehouse.workOf(async () => {
    const answer = await gatehouse.post('/verify-email', { token, password: ada.password });
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(work.hashes).toHaveLength(1);
  // The owner's proof does not wait until all are deleted: the rest stay beside the account and can never be proven.
  const left = (await accountsOf(ada.email)).filter((row) => !row.verified);
  expect(left).toHaveLength(20);
  for (const row of left.slice(0, 2)) {
    const proof = { token, id: row.id };
    expect((await gatehouse.post('/verify-email', proof)).status).toBe(400);
  }
  expect((await login(gatehouse, ada)).status).toBe(200);
  expect((await accountsOf(ada.email)).filter((row) => row.verified)).toMatchObject([{ id, name: 'ada' }]);
});

describe('of two sign-ups that have my address and my password', () => {
  /** A stranger's sign-up comes first: its link proves the one of my sign-ups that I name. */
  async function signUpTwice() {
    const gatehouse = startGatehouse();
    const ada = person('ada');
    const stranger = await signUp(gatehouse, { ...person('mallory'), email: ada.email });
    const older = await gatehouse.post('/signup', ada);
    const mail = await nextMessageTo(ada.email, { after: stranger.mail });
    const newer = await gatehouse.post('/signup', ada);
    const ids = { older: older.body.data.id as string, newer: newer.body.data.id as string };
    const prove = (token: string) => gatehouse.post('/verify-email', { token, password: ada.password });
    return { gatehouse, ada, stranger: stranger.mail, mail, ids, prove };
  }

  test('my link proves the one that it was mailed for', async () => {
    const { ada, mail, ids, prove } = await signUpTwice();
    expect((await prove(linkTokenIn(mail))).status).toBe(200);
    expect(await accountsOf(ada.email)).toMatchObject([{ id: ids.older, verified: true }]);
  });

  test("a stranger's link proves the newest", async () => {
    const { ada, stranger, ids, prove } = await signUpTwice();
    expect((await prove(linkTokenIn(stranger))).status).toBe(200);
    expect(await accountsOf(ada.email)).toMatchObject([{ id: ids.newer, verified: true }]);
  });

  test('a login names the newest', async () => {
    const { gatehouse, ada, ids } = await signUpTwice();
    expect(await login(gatehouse, ada)).toMatchObject({ status: 403, body: { id: ids.newer } });
  });
});
