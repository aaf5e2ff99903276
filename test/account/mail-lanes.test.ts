import { expect, test } from 'vitest';
import { deriveCode } from '../../src/mail/proof.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse, startStill } from '../support/gatehouse.ts';
import { hold } from '../support/hold.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { mailsTo, owedTo } from '../support/owed-mail.ts';
import { person, resident, signUp, verify } from '../support/person.ts';

const PATIENT = { PASSWORD_HASH_WAITING: '64' };
const DAY = 86_400;

const signUpAs = (gatehouse: Gatehouse, email: string) => gatehouse.post('/signup', { ...person(), email });
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const tagged = (email: string, tag: string | number) => email.replace('@', `+${tag}@`);

test('strangers cause four mails with a code a day; held-back mail gets the same answer, and the operator sees it', async () => {
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

test('a code that was never mailed is void from the start, even the right one', async () => {
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
  const gatehouse = startStill(PATIENT);
  const ada = person('ada');
  await times(4, () => signUpAs(gatehouse, ada.email));
  gatehouse.clock.travel(DAY - 60);
  await signUpAs(gatehouse, ada.email);
  expect(await mailsTo(ada.email)).toBe(4);
  gatehouse.clock.travel(61);
  await expect.poll(() => messagesTo(ada.email)).toHaveLength(4);
  const [newest] = await messagesTo(ada.email);
  await gatehouse.post('/signup', ada);
  await signUpAs(gatehouse, ada.email);
  expect(await mailsTo(ada.email)).toBe(5);
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
  await expect.poll(isSent).toBe(true);
  await query(`UPDATE email_outbox SET status = 'failed' WHERE recipient = $1`, [email]);
  await signUpAs(gatehouse, email);
  await signUpAs(gatehouse, email);
  expect(await mailsTo(email)).toBe(5);
});

test('fifteen sign-ups with fifteen tags owe one person four mails, and delay neither the plain address nor another', async () => {
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

test('requests for all tags of one mailbox run one after the other', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  const { id } = await signUp(gatehouse, { ...person(), email: tagged(email, 'one') });
  const held = await hold('SELECT id FROM verification_tokens WHERE user_id = $1 FOR UPDATE', [id]);
  const resent = gatehouse.post('/verify-email/resend', { id });
  await held.waitedForBy(1);
  const signedUp = signUpAs(gatehouse, tagged(email, 'other'));
  await held.waitedForBy(2);
  await held.letGo();
  expect([(await resent).status, (await signedUp).status]).toEqual([200, 200]);
});

test('an address with a tag gets no link beyond its lane, because a stranger can invent any number of tags', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const { email } = person('target');
  await times(5, (index) => signUpAs(gatehouse, tagged(email, index)));
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mailsTo(tagged(email, 'one-more'))).toBe(0);
  // A day plus the life of a code: so in any 24 hours no more than four codes can be tried.
  gatehouse.clock.travel(DAY + 300);
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mailsTo(tagged(email, 'one-more'))).toBe(0);
  gatehouse.clock.travel(301);
  await signUpAs(gatehouse, tagged(email, 'one-more'));
  expect(await mailsTo(tagged(email, 'one-more'))).toBe(1);
});

test('a resend past the lane mails nothing and uses nothing up, and the code that was mailed stays good', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person('ada');
  const signup = await signUp(gatehouse, ada);
  await times(3, () => signUpAs(gatehouse, ada.email));
  expect((await gatehouse.post('/verify-email/resend', { id: signup.id })).status).toBe(200);
  expect(await mailsTo(ada.email)).toBe(4);
  expect(await query('SELECT resends FROM verification_tokens WHERE user_id = $1', [signup.id])).toEqual([
    { resends: 0 },
  ]);
  await verify(gatehouse, signup);
});

test('a resend that mails nobody stores the address of no account, not even for a decoy', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const owner = await resident(gatehouse, 'owner');
  const { id } = (await signUpAs(gatehouse, owner.email)).body.data;
  await gatehouse.post('/verify-email/resend', { id });
  expect(await query('SELECT status, failure, recipient FROM email_outbox WHERE user_id = $1', [id])).toEqual(
    [{ status: 'skipped', failure: 'address_taken', recipient: null }],
  );
});

test('a new mail key restarts no lane', async () => {
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
