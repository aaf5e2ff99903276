import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, nextMessageTo } from '../support/mailbox.ts';
import { mailsTo } from '../support/owed-mail.ts';
import { person, signUp } from '../support/person.ts';

const PATIENT = { PASSWORD_HASH_WAITING: '64' };
const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

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

  // The lane of the codes is full, but no link in the mailbox works any more.
  await times(3, () => signUpAs(gatehouse, ada.email));
  expect(await mailsTo(ada.email)).toBe(4);
  await query(
    'UPDATE verification_tokens SET link_tries = 5 WHERE user_id IN (SELECT id FROM users WHERE email = $1)',
    [ada.email],
  );
  await signUpAs(gatehouse, ada.email);
  expect(await mailsTo(ada.email)).toBe(5);
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

test('a resend gives a link all its tries again', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  const prove = (token: string, password: string) => gatehouse.post('/verify-email', { token, password });
  await times(5, () => prove(linkTokenIn(mail), 'not the one I chose'));
  expect((await prove(linkTokenIn(mail), ada.password)).status).toBe(400);
  await gatehouse.post('/verify-email/resend', { id });
  const newer = await nextMessageTo(ada.email, { after: mail });
  expect((await prove(linkTokenIn(newer), ada.password)).status).toBe(200);
});

test('a refused try of a link is recorded with its reason, also when the link is dead', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { mail } = await signUp(gatehouse, ada);
  const ray = crypto.randomUUID().replaceAll('-', '');
  const prove = (password: string) =>
    gatehouse.post('/verify-email', { token: linkTokenIn(mail), password }, { headers: { 'CF-Ray': ray } });
  const events = () =>
    query(`SELECT kind, reason FROM security_events WHERE request_id = $1 ORDER BY id`, [ray]);
  await prove('not the one I chose');
  expect(await events()).toEqual([{ kind: 'verify.failed', reason: 'wrong_password' }]);
  gatehouse.clock.travel(86_401);
  await prove(ada.password);
  expect((await events()).slice(1)).toEqual([{ kind: 'verify.failed', reason: 'not_open' }]);
});
