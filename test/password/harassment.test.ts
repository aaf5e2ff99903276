/** More than a day in which a hundred networks ask for resets of one address, and what its owner gets meanwhile. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo } from '../support/mailbox.ts';
import { maxIn } from '../support/mails-within.ts';
import { login, resident } from '../support/person.ts';

const STEP = 1_200;
const STEPS = (26 * 3_600) / STEP;
const BLOCKED = 'password1234';

test('whenever the owner asks, a live link is in the mailbox; at most 2 mails an hour and 48 a day', async () => {
  // The limits are off: the lanes alone must be enough.
  const gatehouse = startGatehouse({ LIMITS: 'forgot=100000/60;reset=100000/60' });
  const owner = await resident(gatehouse);
  const networks = Array.from({ length: 100 }, freshClient);
  const own = freshClient();
  const forgot = (client = '') =>
    gatehouse.post('/forgot-password', { email: owner.email }, { headers: { 'CF-Connecting-IP': client } });
  const liveLinks = () =>
    query<{ id: string }>(
      `SELECT t.id FROM password_reset_tokens t JOIN users u ON u.id = t.user_id JOIN email_outbox o ON o.id = t.id
       WHERE u.email = $1 AND t.used_at IS NULL AND t.expires_at > $2 AND o.status IN ('pending', 'sending', 'sent')`,
      [owner.email, gatehouse.clock.now().toISOString()],
    );
  /** The token of a live link, from the mailbox. It is tried with a password that the policy refuses, which uses up nothing. */
  async function linkInTheMailbox(): Promise<string> {
    const ids = (await liveLinks()).map(({ id }) => id);
    const find = async () =>
      (await messagesTo(owner.email)).find(({ idempotencyKey }) => ids.includes(idempotencyKey ?? ''));
    await expect.poll(find).toBeDefined();
    const message = await find();
    if (message === undefined) throw new Error('no live link in the mailbox');
    const token = linkTokenIn(message);
    const answer = await gatehouse.post('/reset-password', { token, newPassword: BLOCKED });
    expect(answer).toMatchObject({ status: 422, body: { code: 'password_blocked' } });
    return token;
  }

  for (let step = 0; step < STEPS; step++) {
    await Promise.all([forgot(networks[(2 * step) % 100]), forgot(networks[(2 * step + 1) % 100])]);
    // From a network of her own, or from one that attacks.
    await forgot(step % 2 === 0 ? own : networks[(2 * step) % 100]);
    expect((await liveLinks()).length, `step ${step}`).toBeGreaterThan(0);
    if (step % 36 === 0) await linkInTheMailbox();
    gatehouse.clock.travel(STEP);
  }

  const mails = await query<{ created_at: string }>(
    `SELECT created_at FROM email_outbox WHERE recipient = $1 AND kind = 'reset_password' AND status <> 'skipped'`,
    [owner.email],
  );
  expect(maxIn(3_600, mails)).toBe(2);
  expect(maxIn(86_400, mails)).toBeLessThanOrEqual(48);
  expect(mails.length).toBeGreaterThan(48);

  await forgot(own);
  const reset = { token: await linkInTheMailbox(), newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/reset-password', reset)).status).toBe(200);
  expect((await login(gatehouse, { ...owner, password: reset.newPassword })).status).toBe(200);
}, 180_000);
