import { expect, test } from 'vitest';
import { deriveCode } from '../../src/mail/proof.ts';
import { mailboxKeys, recipientKeys } from '../../src/mail/recipient.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, type Person, person, resident, signUp, type Tokens, verify } from '../support/person.ts';

const PATIENT = { PASSWORD_HASH_WAITING: '64' };
const DAY = 86_400;

type Mail = {
  id: string;
  kind: string;
  status: string;
  failure: string | null;
  recipient: string | null;
  user_id: string | null;
};
/** What was owed to the address, in the order in which it was caused, and what its lane held back. */
async function owedTo(email: string): Promise<{ mailed: Mail[]; heldBack: Mail[] }> {
  const keys = [recipientKeys, mailboxKeys].map(
    (keysOf) => keysOf(startGatehouse().config.mailSecrets, email)[0],
  );
  const rows = await query<Mail>(
    `SELECT * FROM email_outbox WHERE recipient_key IN (decode($1, 'hex'), decode($2, 'hex'))
       AND (recipient = $3 OR recipient IS NULL) ORDER BY id`,
    [...keys.map((key) => Buffer.from(key).toString('hex')), email],
  );
  const isHeldBack = ({ status }: Mail) => status === 'skipped';
  return { mailed: rows.filter((row) => !isHeldBack(row)), heldBack: rows.filter(isHeldBack) };
}
const mails = async (email: string) => (await owedTo(email)).mailed.length;
const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const tagged = (email: string, tag: string | number) => email.replace('@', `+${tag}@`);

test('strangers cause four mails with a code a day; what is held back is answered alike and the operator sees it', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  const answers = await times(9, () => signUpAs(gatehouse, email));
  for (const { status, body } of answers) expect([status, Object.keys(body.data)]).toEqual([200, ['id']]);

  const { mailed, heldBack } = await owedTo(email);
  expect(mailed).toHaveLength(4);
  expect(heldBack).toMatchObject(
    Array(5).fill({ kind: 'verify_email', status: 'skipped', failure: 'budget', recipient: email }),
  );
  expect(
    await query(`SELECT DISTINCT finished_at = created_at AS done FROM email_outbox WHERE id = ANY($1)`, [
      heldBack.map(({ id }) => id),
    ]),
  ).toEqual([{ done: true }]);
  expect(
    await query(
      `SELECT count(*)::int FROM security_events WHERE user_id = ANY($1) AND reason = 'mail_budget'`,
      [heldBack.map(({ user_id }) => user_id)],
    ),
  ).toEqual([{ count: 5 }]);
});

test('a code that nobody was sent is void from the start, also when it is right', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  await times(4, () => signUpAs(gatehouse, email));
  const { id } = (await signUpAs(gatehouse, email)).body.data;
  const [row] = await query<{ mail_id: string }>(
    'SELECT mail_id FROM verification_tokens WHERE user_id = $1',
    [id],
  );
  const code = deriveCode(gatehouse.config.mailSecrets[0], 'verify-email', id, row?.mail_id ?? '');
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
});

test('when no link is live any more, a sign-up mails one, however many codes were mailed', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  await times(4, () => signUpAs(gatehouse, ada.email));
  gatehouse.clock.travel(DAY - 60);
  await signUpAs(gatehouse, ada.email);
  expect(await mails(ada.email)).toBe(4);
  gatehouse.clock.travel(61);
  await expect.poll(() => messagesTo(ada.email), { timeout: 30_000 }).toHaveLength(4);
  const [newest] = await messagesTo(ada.email);
  await gatehouse.post('/signup', ada);
  await signUpAs(gatehouse, ada.email);
  expect(await mails(ada.email)).toBe(5);
  const mail = await nextMessageTo(ada.email, newest && { after: newest });
  expect(mail.subject).toBe('Confirm your address for Gatehouse');
  const proof = { token: linkTokenIn(mail), password: ada.password };
  expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
});

test('a mail that was given up is in no mailbox: the next sign-up mails another link', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  await times(4, () => signUpAs(gatehouse, email));
  const isSent = async () => (await owedTo(email)).mailed.every(({ status }) => status === 'sent');
  await expect.poll(isSent, { timeout: 30_000 }).toBe(true);
  await query(`UPDATE email_outbox SET status = 'failed' WHERE recipient = $1`, [email]);
  await signUpAs(gatehouse, email);
  await signUpAs(gatehouse, email);
  expect(await mails(email)).toBe(5);
});

test('fifteen sign-ups with as many tags owe one human four mails, and hold up neither the plain address nor another', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  const answers = await times(15, (index) => signUpAs(gatehouse, tagged(ada.email, index)));
  expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(200));
  const count = await query(
    `SELECT count(*)::int FROM email_outbox WHERE recipient LIKE $1 AND status <> 'skipped'`,
    [ada.email.replace('@', '+%@')],
  );
  expect(count).toEqual([{ count: 4 }]);
  await verify(gatehouse, await signUp(gatehouse, ada));
  await signUp(gatehouse, person());
});

test('tags have no link beyond their lane: a stranger can think of as many as there are', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  await times(5, (index) => signUpAs(gatehouse, tagged(email, index)));
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mails(tagged(email, 'one-more'))).toBe(0);
  // Longer than a day by the life of a code: what is tried in any 24 hours is no more than four codes.
  gatehouse.clock.travel(DAY + 599);
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mails(tagged(email, 'one-more'))).toBe(0);
  gatehouse.clock.travel(2);
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mails(tagged(email, 'one-more'))).toBe(1);
});

test('the owner of a taken address is told once a day, by whatever way others run into it', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const asker = await loggedIn(gatehouse, 'asker');
  const notices = async () =>
    (await owedTo(owner.email)).mailed.filter(({ kind }) => kind !== 'verify_email').length;
  await times(3, () => signUpAs(gatehouse, owner.email));
  await changeTo(gatehouse, asker, owner.email);
  expect(await notices()).toBe(1);
  gatehouse.clock.travel(DAY - 60);
  await signUpAs(gatehouse, owner.email);
  expect(await notices()).toBe(1);
  gatehouse.clock.travel(61);
  await signUpAs(gatehouse, owner.email);
  expect(await notices()).toBe(2);
});

test('a resend past the lane mails nothing and uses nothing up, and the code that was mailed stays good', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  const signup = await signUp(gatehouse, ada);
  await times(3, () => signUpAs(gatehouse, ada.email));
  expect((await gatehouse.post('/verify-email/resend', { id: signup.id })).status).toBe(200);
  expect(await mails(ada.email)).toBe(4);
  expect(await query('SELECT resends FROM verification_tokens WHERE user_id = $1', [signup.id])).toEqual([
    { resends: 0 },
  ]);
  await verify(gatehouse, signup);
});

test('a resend that nobody is mailed keeps the address of no account: not that of a decoy either', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const { id } = (await signUpAs(gatehouse, owner.email)).body.data;
  await gatehouse.post('/verify-email/resend', { id });
  expect(await query('SELECT status, failure, recipient FROM email_outbox WHERE user_id = $1', [id])).toEqual(
    [{ status: 'skipped', failure: 'address_taken', recipient: null }],
  );
});

const changeTo = (gatehouse: Gatehouse, { password, accessToken }: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token: accessToken });
const many = (gatehouse: Gatehouse, count: number) => times(count, () => loggedIn(gatehouse));

test('people who ask for one free address cause four codes a day between them, beside those of sign-ups', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const askers = await many(gatehouse, 6);
  const free = person('free').email;
  const answers = await Promise.all(askers.map((asker) => changeTo(gatehouse, asker, free)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(await mails(free)).toBe(4);
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
  for (const email of addresses) expect(await mails(email)).toBe(1);
  expect(await owedTo(late)).toMatchObject({ mailed: [], heldBack: [{ failure: 'budget' }] });
  const { body } = await gatehouse.get('/me/export', { token: ada.accessToken });
  expect(body.data.addressChanges).toMatchObject([{ email: late }]);
  gatehouse.clock.travel(3_601);
  const { data } = (await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).body;
  expect((await changeTo(gatehouse, { ...ada, ...data }, late)).status).toBe(200);
  expect(await mails(late)).toBe(1);
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
    seen.push(await mails(own));
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

test('a new mail key starts no lane anew', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const [before] = gatehouse.config.mailSecrets;
  const text = ({ id, secret }: { id: string; secret: Uint8Array }) =>
    `${id}:${Buffer.from(secret).toString('base64url')}`;
  const fresh = { id: 'fresh', secret: crypto.getRandomValues(new Uint8Array(32)) };
  const rotated = startGatehouse({ ...PATIENT, MAIL_SECRETS: `${text(fresh)},${text(before)}` });
  const { email } = person('target');
  await times(4, () => signUpAs(gatehouse, email));
  const { body } = await signUpAs(rotated, email);
  expect(await query('SELECT failure FROM email_outbox WHERE user_id = $1', [body.data.id])).toEqual([
    { failure: 'budget' },
  ]);
});

test("the tries of a link's password are five, counted before they are judged, and the next sign-up mails another link", async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  const { mail } = await signUp(gatehouse, ada);
  const token = linkTokenIn(mail);
  const wrong = () => gatehouse.post('/verify-email', { token, password: 'not the one I chose' });
  const { work } = await gatehouse.workOf(wrong);
  expect(work.hashes).toHaveLength(1);
  const answers = await times(20, wrong);
  expect(answers.every(({ status, body }) => status === 400 && body.code === 'invalid_code')).toBe(true);
  expect(
    await query('SELECT link_tries FROM verification_tokens WHERE mail_id = $1', [mail.idempotencyKey]),
  ).toEqual([{ link_tries: 5 }]);
  const right = { token, password: ada.password };
  const late = await gatehouse.workOf(() => gatehouse.post('/verify-email', right));
  expect(late.answer.status).toBe(400);
  expect(late.work.hashes).toEqual([]);

  // The lane of the codes is full, and yet: no link that is in the mailbox works any more.
  await times(3, () => signUpAs(gatehouse, ada.email));
  expect(await mails(ada.email)).toBe(4);
  await query(
    'UPDATE verification_tokens SET link_tries = 5 WHERE user_id IN (SELECT id FROM users WHERE email = $1)',
    [ada.email],
  );
  await signUpAs(gatehouse, ada.email);
  expect(await mails(ada.email)).toBe(5);
});

test('guesses at the code of a sign-up use up no try of the link that was mailed for it', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  const stranger = await signUp(gatehouse, { ...person('mallory'), email: ada.email });
  const wrong = String((Number(codeIn(stranger.mail)) + 1) % 1_000_000).padStart(6, '0');
  await times(6, () => gatehouse.post('/verify-email', { id: stranger.id, code: wrong }));
  await gatehouse.post('/signup', ada);
  const proof = { token: linkTokenIn(stranger.mail), password: ada.password };
  expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
});
