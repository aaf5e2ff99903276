/** Two days in which a hundred networks sign up with one address and its tags, and what its owner gets meanwhile. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo } from '../support/mailbox.ts';
import { maxIn } from '../support/mails-within.ts';
import { login, person } from '../support/person.ts';

const STEP = 1_800;
const STEPS = (2 * 86_400) / STEP;

type Mail = { created_at: string; recipient: string };

test('whenever the owner signs up, a live link is in the mailbox, and it proves her sign-up; at most 5 mails a day, and 4 for all tags', async () => {
  const gatehouse = startGatehouse({
    LIMITS: 'signup=100000/60;resend=100000/60',
    PASSWORD_HASH_WAITING: '16',
  });
  const ada = person('ada');
  const networks = Array.from({ length: 100 }, freshClient);
  const own = freshClient();
  const from = (client = '') => ({ headers: { 'CF-Connecting-IP': client } });
  const signUpAs = (email: string, client?: string) =>
    gatehouse.post('/signup', { ...person('mallory'), email }, from(client));
  const mailsTo = (pattern: string) =>
    query<Mail>(
      `SELECT created_at, recipient FROM email_outbox WHERE recipient LIKE $1 AND status <> 'skipped'`,
      [pattern],
    );
  /** The mails that carry a live link: only the person who has the mailbox can open it. */
  const liveLinks = () =>
    query<{ mail_id: string }>(
      `SELECT t.mail_id FROM verification_tokens t JOIN users u ON u.id = t.user_id JOIN email_outbox o ON o.id = t.mail_id
       WHERE u.email = $1 AND t.used_at IS NULL AND t.expires_at > $2 AND o.status IN ('pending', 'sending', 'sent')`,
      [ada.email, gatehouse.clock.now().toISOString()],
    );

  const strangers: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const [one, other] = [networks[(2 * step) % 100], networks[(2 * step + 1) % 100]];
    const [stranger] = await Promise.all([
      signUpAs(ada.email, one),
      // Enough to use up all codes before the owner signs up.
      ...[3, 4, 5].map((network) => signUpAs(ada.email, networks[(2 * step + network) % 100])),
      signUpAs(ada.email.replace('@', `+${step}@`), other),
      // For sign-ups of all ages, also those that are about to expire.
      ...[1, 47].map((age) => {
        const id = strangers.at(-age);
        return id && gatehouse.post('/verify-email/resend', { id }, from(other));
      }),
    ]);
    strangers.push(stranger.body.data.id);
    const answer = await gatehouse.post('/signup', ada, from(step % 2 === 0 ? own : one));
    expect(answer.status).toBe(200);
    expect((await liveLinks()).length, `step ${step}`).toBeGreaterThan(0);
    gatehouse.clock.travel(STEP);
  }

  const mails = await mailsTo(ada.email);
  const ofTags = await mailsTo(ada.email.replace('@', '+%@'));
  expect([4, 5]).toContain(maxIn(86_400, mails));
  expect(maxIn(86_400, ofTags)).toBe(4);

  // Whoever caused the link, with her password it proves her sign-up, and the strangers get nothing.
  const ids = (await liveLinks()).map(({ mail_id }) => mail_id);
  const find = async () =>
    (await messagesTo(ada.email)).find(({ idempotencyKey }) => ids.includes(idempotencyKey ?? ''));
  await expect.poll(find).toBeDefined();
  const message = await find();
  if (message === undefined) throw new Error('no live link in the mailbox');
  const proof = { token: linkTokenIn(message), password: ada.password };
  expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
  expect((await login(gatehouse, ada)).status).toBe(200);
}, 180_000);
