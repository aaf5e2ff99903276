import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { deliver } from '../../src/jobs/deliver.ts';
import { query } from '../support/control-client.ts';
import { freshClient, ONE_WINDOW, startGatehouse } from '../support/gatehouse.ts';
import { attemptsTo } from '../support/mailbox.ts';
import { accountWithoutMail, outboxRow, oweMail, startJobs } from '../support/outbox.ts';
import { loggedIn, login, person } from '../support/person.ts';

const SECRET = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
const gatehouse = startGatehouse({ RESEND_WEBHOOK_SECRET: SECRET });

type Event = { type: string; to: string; mailId: string; bounce?: string };

const bodyOf = ({ type, to, mailId, bounce }: Event) =>
  JSON.stringify({
    type,
    created_at: new Date().toISOString(),
    data: {
      email_id: crypto.randomUUID(),
      to: [to],
      subject: 'x',
      tags: { mail: mailId },
      ...(bounce && { bounce: { type: bounce, subType: 'General', message: 'x' } }),
    },
  });

function signed(body: string, at = new Date(), secret = SECRET): Record<string, string> {
  const id = `msg_${crypto.randomUUID()}`;
  return {
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'svix-signature': new Webhook(secret).sign(id, at, body),
  };
}

const post = (body: string, headers: Record<string, string>, to = gatehouse) =>
  to.call('POST', '//api/v1/webhooks/resend', undefined, { raw: body, headers });
async function tell(event: Event): Promise<number> {
  const body = bodyOf(event);
  return (await post(body, signed(body))).status;
}

async function sentMail() {
  const ada = await accountWithoutMail();
  return { ...ada, mailId: await oweMail(ada.id) };
}
const isSuppressed = async (address: string) =>
  (await query('SELECT reason FROM mail_suppressions WHERE address = $1', [address])).length === 1;

test('a delivery is noted once, and a later complaint outweighs it whatever the order', async () => {
  const { email, mailId } = await sentMail();
  const event = { to: email, mailId };
  const body = bodyOf({ ...event, type: 'email.delivered' });
  const headers = signed(body);
  for (let again = 0; again < 3; again++) expect((await post(body, headers)).status).toBe(200);
  expect(await outboxRow(mailId)).toMatchObject({ report: 'delivered' });
  expect(await isSuppressed(email)).toBe(false);
  expect(await tell({ ...event, type: 'email.complained' })).toBe(200);
  expect(await tell({ ...event, type: 'email.delivered' })).toBe(200);
  expect(await outboxRow(mailId)).toMatchObject({ report: 'complained' });
  expect(await isSuppressed(email)).toBe(true);
});

test.each([
  ['Permanent', true],
  ['Transient', false],
  ['Undetermined', false],
])('a %s bounce suppresses the address: %s', async (bounce, suppresses) => {
  const { email, mailId } = await sentMail();
  expect(await tell({ type: 'email.bounced', to: email, mailId, bounce })).toBe(200);
  expect(await outboxRow(mailId)).toMatchObject({ report: 'bounced' });
  expect(await isSuppressed(email)).toBe(suppresses);
});

test('a suppressed address is not mailed, and nobody outside can tell', async () => {
  const free = person();
  const { email, mailId } = await sentMail();
  await tell({ type: 'email.bounced', to: email, mailId, bounce: 'Permanent' });
  await deliver(startJobs().deps, [mailId]);
  expect(await outboxRow(mailId)).toMatchObject({ status: 'skipped', failure: 'suppressed' });
  const answers = [
    await gatehouse.post('/signup', { ...person(), email }),
    await gatehouse.post('/signup', free),
  ];
  for (const { status, body } of answers)
    expect({ status, message: body.message }).toEqual({
      status: 200,
      message: 'Check your mail to finish signing up.',
    });
  await expect
    .poll(() =>
      query('SELECT status FROM email_outbox o JOIN users u ON u.id = user_id WHERE email = $1', [email]),
    )
    .toEqual([{ status: 'skipped' }, { status: 'skipped' }]);
  expect(await attemptsTo(email)).toEqual([]);
});

test('a complaint stops what strangers can cause, and neither a reset nor what happened to the account', async () => {
  const ada = await loggedIn(gatehouse);
  const [{ id: mailId } = { id: '' }] = await query<{ id: string }>(
    `SELECT id FROM email_outbox WHERE recipient = $1`,
    [ada.email],
  );
  await tell({ type: 'email.complained', to: ada.email, mailId });
  await gatehouse.post('/signup', { ...person(), email: ada.email });
  await gatehouse.post('/forgot-password', { email: ada.email });
  const { email, password } = ada;
  await login(gatehouse, { name: 'ada', email, password });
  const fates = () =>
    query(
      `SELECT kind, status FROM email_outbox WHERE recipient = $1 AND kind <> 'verify_email' ORDER BY kind`,
      [ada.email],
    );
  await expect.poll(fates).toEqual([
    { kind: 'already_registered', status: 'skipped' },
    { kind: 'new_device', status: 'sent' },
    { kind: 'reset_password', status: 'sent' },
  ]);
});

test('a bounce after a complaint stops every mail, a complaint after a bounce changes nothing', async () => {
  for (const order of [
    ['email.complained', 'email.bounced'],
    ['email.bounced', 'email.complained'],
  ]) {
    const { email, mailId } = await sentMail();
    for (const type of order) await tell({ type, to: email, mailId, bounce: 'Permanent' });
    expect(await query('SELECT reason FROM mail_suppressions WHERE address = $1', [email])).toEqual([
      { reason: 'bounced' },
    ]);
  }
});

test('ten complaints at once are one suppression', async () => {
  const { email, mailId } = await sentMail();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => tell({ type: 'email.complained', to: email, mailId })),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(await isSuppressed(email)).toBe(true);
});

test('mail that is not ours, and events we do not ask for, are accepted and change nothing', async () => {
  const { email, mailId } = await sentMail();
  const stranger = `${crypto.randomUUID()}@example.com`;
  expect(await tell({ type: 'email.complained', to: stranger, mailId: crypto.randomUUID() })).toBe(200);
  expect(await tell({ type: 'email.opened', to: email, mailId })).toBe(200);
  const other = JSON.stringify({ type: 'contact.created', created_at: 'x', data: { tags: ['a'] } });
  expect((await post(other, signed(other))).status).toBe(200);
  expect(await isSuppressed(stranger)).toBe(false);
  expect(await outboxRow(mailId)).toMatchObject({ report: null });
});

test('what is not signed by the provider just now is refused without a trip', async () => {
  const { email, mailId } = await sentMail();
  const body = bodyOf({ type: 'email.complained', to: email, mailId });
  const old = new Date(Date.now() - 6 * 60_000);
  const forged = [
    {},
    signed(body, new Date(), `whsec_${btoa('another secret of enough length!')}`),
    signed(body, old),
    signed(body, new Date(Date.now() + 6 * 60_000)),
    { ...signed(body), 'svix-id': 'msg_other' },
    { ...signed(body), 'svix-signature': 'v1,' },
    { ...signed(body), 'svix-signature': 'v1' },
    { ...signed(body), 'svix-timestamp': 'soon' },
    { ...signed(body, old), 'svix-timestamp': signed(body)['svix-timestamp'] ?? '' },
  ];
  for (const headers of forged) {
    const { count, answer } = await gatehouse.tripsOf(() => post(body, headers));
    expect(answer, JSON.stringify(headers)).toMatchObject({
      status: 401,
      body: { code: 'invalid_signature' },
    });
    expect(count).toBe(0);
  }
  const changed = await post(body.replace('complained', 'delivered'), signed(body));
  expect(changed.status).toBe(401);
  expect(await isSuppressed(email)).toBe(false);
});

test('a signed body that is no JSON, or too long, is refused', async () => {
  expect(await post('{', signed('{'))).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  expect((await post('x'.repeat(70_000), signed('x'))).status).toBe(413);
});

test('it has a limit like every endpoint that anyone may call, and spends it before the body is read', async () => {
  const narrow = startGatehouse({ RESEND_WEBHOOK_SECRET: SECRET, LIMITS: `webhook=1/${ONE_WINDOW}` });
  const from = { 'CF-Connecting-IP': freshClient() };
  expect((await post('{}', from, narrow)).status).toBe(401);
  const tooLong = 'x'.repeat(70_000);
  expect(await post(tooLong, from, narrow)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
});

test('without a secret the webhook is not served', async () => {
  const deaf = startGatehouse();
  expect((await post('{}', signed('{}'), deaf)).status).toBe(404);
});
