import { describe, expect, test } from 'vitest';
import { deriveCode } from '../../src/mail/proof.ts';
import { accountsOf } from '../support/accounts.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { login, person, resident, signUp } from '../support/person.ts';

describe('a sign-up for an address that has an account', () => {
  test('is answered like any other, and the owner gets a mail', async () => {
    const gatehouse = startGatehouse();
    const owner = await resident(gatehouse, 'owner');
    const [welcome] = await messagesTo(owner.email);

    const taken = await gatehouse.post('/signup', { ...person('mallory'), email: owner.email });
    const free = await gatehouse.post('/signup', person('free'));

    expect(taken.status).toBe(free.status);
    expect(Object.keys(taken.body.data)).toEqual(Object.keys(free.body.data));
    expect({ ...taken.body, data: null }).toEqual({ ...free.body, data: null });
    expect([...taken.headers.keys()]).toEqual([...free.headers.keys()]);

    const notice = await nextMessageTo(owner.email, welcome ? { after: welcome } : {});
    expect(notice.subject).toBe('You already have a Gatehouse account');
    expect((await accountsOf(owner.email)).filter((row) => row.verified)).toMatchObject([{ name: 'owner' }]);
  });

  test('is a decoy: it logs in like a sign-up that waits for proof, and can never be proven', async () => {
    const gatehouse = startGatehouse();
    const owner = await resident(gatehouse, 'owner');
    const free = person('free');
    const probes = [{ ...person('mallory'), email: owner.email }, free];

    const seen = [];
    for (const probe of probes) {
      const { id } = (await gatehouse.post('/signup', probe)).body.data;
      const waiting = await login(gatehouse, probe);
      expect(waiting).toMatchObject({ status: 403, body: { code: 'email_not_verified', id } });
      const answers = [
        waiting,
        await login(gatehouse, { ...probe, password: 'neither of them' }),
        await gatehouse.post('/verify-email', { id, code: '000000' }),
        await gatehouse.post('/verify-email/resend', { id }),
      ];
      seen.push(answers.map(({ status, body }) => ({ status, body: { ...body, id: '', requestId: '' } })));
    }
    expect(seen[0]).toEqual(seen[1]);
    expect((await login(gatehouse, owner)).status).toBe(200);
  });

  test('is not proven even by the right code, which is never mailed', async () => {
    const gatehouse = startGatehouse();
    const owner = await resident(gatehouse, 'owner');
    const [welcome] = await messagesTo(owner.email);
    const { body } = await gatehouse.post('/signup', { ...person('mallory'), email: owner.email });
    const { id } = body.data;
    const notice = await nextMessageTo(owner.email, welcome ? { after: welcome } : {});
    const right = async () => {
      const [row] = await query<{ mail_id: string; open: boolean }>(
        'SELECT mail_id, code_expires_at > now() AS open FROM verification_tokens WHERE user_id = $1',
        [id],
      );
      expect(row?.open).toBe(true);
      return deriveCode(gatehouse.config.mailSecrets[0], 'verify-email', id, row?.mail_id ?? '');
    };
    const code = await right();
    expect(code).toBe(
      deriveCode(gatehouse.config.mailSecrets[0], 'verify-email', id, notice.idempotencyKey ?? ''),
    );
    expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
    await gatehouse.post('/verify-email/resend', { id });
    expect((await gatehouse.post('/verify-email', { id, code: await right() })).status).toBe(400);
    expect((await accountsOf(owner.email)).filter((row) => row.verified)).toMatchObject([{ name: 'owner' }]);
    expect(await messagesTo(owner.email)).toHaveLength(2);
  });
});

test('a sign-up that is not proven expires and cannot be logged in to', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  gatehouse.clock.travel(24 * 3_600 + 1);

  expect((await gatehouse.post('/verify-email', { token: linkTokenIn(mail), id })).status).toBe(400);
  expect(await login(gatehouse, ada)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
});

test('different spellings of one address are one account', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse, 'ada');
  const [local, domain] = ada.email.split('@');
  const spelled = `  ${local?.toUpperCase()}@${domain?.toUpperCase()} `;
  expect((await gatehouse.post('/login', { email: spelled, password: ada.password })).status).toBe(200);
});

test('a password is 8 to 256 code points, counted after NFC', async () => {
  const gatehouse = startGatehouse();
  const status = async (password: string) =>
    (await gatehouse.post('/signup', { ...person(), password })).status;
  expect(await status('seven77')).toBe(422);
  expect(await status('🦊'.repeat(7))).toBe(422);
  expect(await status('🦊'.repeat(8))).toBe(200);
  expect(await status('e\u0301'.repeat(256))).toBe(200);
  expect(await status('x'.repeat(257))).toBe(422);
});
