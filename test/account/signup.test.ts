import { describe, expect, test } from 'vitest';
import { deriveCode } from '../../src/mail/proof.ts';
import { query } from '../support/control-client.ts';
import { FULL_PRICE, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { login, type Person, person, resident, signUp, verify } from '../support/person.ts';

const accounts = (email: string) =>
  query<{ id: string; name: string; verified: boolean }>(
    'SELECT id, name, email_verified_at IS NOT NULL AS verified FROM users WHERE email = $1',
    [email],
  );

describe('a sign-up for an address that has an account', () => {
  test('is answered like any other, and the owner is told by mail', async () => {
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
    expect((await accounts(owner.email)).filter((row) => row.verified)).toMatchObject([{ name: 'owner' }]);
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

  test('is not proven even by the right code, which nobody is ever mailed', async () => {
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
    expect((await accounts(owner.email)).filter((row) => row.verified)).toMatchObject([{ name: 'owner' }]);
    expect(await messagesTo(owner.email)).toHaveLength(2);
  });
});

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
    expect((await accounts(ada.email)).some((row) => row.verified)).toBe(false);
  });

  test("when I open the stranger's link: with my id or my password it proves mine, the stranger has nothing", async () => {
    for (const show of [
      ({ id }: { id: string }) => ({ id }),
      (_: unknown, { password }: Person) => ({ password }),
    ]) {
      const { gatehouse, ada, mallory, stranger, own } = await bothSignUp();
      const proof = { token: linkTokenIn(stranger.mail), ...show(own, ada) };
      expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
      expect(await accounts(ada.email)).toMatchObject([{ id: own.id, name: 'ada', verified: true }]);
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
    expect((await accounts(ada.email)).some((row) => row.verified)).toBe(false);
    expect((await accounts(elsewhere.mail.to)).some((row) => row.verified)).toBe(false);
  });

  test('when I act on my own mail: my password opens the account and the stranger has nothing', async () => {
    const { gatehouse, ada, mallory, stranger, own } = await bothSignUp();
    await verify(gatehouse, own);

    expect((await login(gatehouse, ada)).status).toBe(200);
    expect(await login(gatehouse, mallory)).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
    expect(await accounts(ada.email)).toMatchObject([{ id: own.id, name: 'ada', verified: true }]);
    const late = { id: stranger.id, code: codeIn(stranger.mail) };
    expect((await gatehouse.post('/verify-email', late)).status).toBe(400);
  });
});

test('a hundred and twenty strangers who sign up with my address hide my sign-up from nothing, and never get it', async () => {
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
  // The owner's proof does not wait until all are deleted: the rest waits beside the account and can never be proven.
  const left = (await accounts(ada.email)).filter((row) => !row.verified);
  expect(left).toHaveLength(20);
  for (const row of left.slice(0, 2)) {
    const proof = { token, id: row.id };
    expect((await gatehouse.post('/verify-email', proof)).status).toBe(400);
  }
  expect((await login(gatehouse, ada)).status).toBe(200);
  expect((await accounts(ada.email)).filter((row) => row.verified)).toMatchObject([{ id, name: 'ada' }]);
});

describe('races', () => {
  test('20 parallel sign-ups and 20 parallel verifications of one address leave exactly one account', async () => {
    const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '32' });
    const { email } = person('crowd');
    const people = Array.from({ length: 20 }, (_, index) => ({ ...person(`crowd${index}`), email }));

    const answers = await Promise.all(people.map((who) => gatehouse.post('/signup', who)));
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
    await expect.poll(() => messagesTo(email), { timeout: 30_000 }).toHaveLength(4);

    const ids: string[] = answers.map(({ body }) => body.data.id);
    const rows = await query<{ user_id: string; mail_id: string }>(
      'SELECT user_id, mail_id FROM verification_tokens WHERE user_id = ANY($1)',
      [ids],
    );
    const mails = await messagesTo(email);
    const [anyMail] = mails;
    if (anyMail === undefined) throw new Error('four mails came');
    const proofs = ids.map((id) => {
      const mailId = rows.find(({ user_id }) => user_id === id)?.mail_id;
      const mail = mails.find(({ idempotencyKey }) => idempotencyKey === mailId);
      return { id, ...(mail ? { code: codeIn(mail) } : { token: linkTokenIn(anyMail) }) };
    });
    const verified = await Promise.all(proofs.map((proof) => gatehouse.post('/verify-email', proof)));

    expect(verified.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
    const winner = verified.findIndex(({ status }) => status === 200);
    expect(await accounts(email)).toMatchObject([{ id: proofs[winner]?.id, verified: true }]);
    const opened = await Promise.all(people.map((who) => login(gatehouse, who)));
    expect(opened.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('sign-ups that race a verification leave it the account, and none of them can be proven', async () => {
    const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '32' });
    const ada = person('ada');
    const first = await signUp(gatehouse, ada);
    const late = () => gatehouse.post('/signup', { ...person('late'), email: ada.email });
    await Promise.all([verify(gatehouse, first), late(), late(), late(), late(), late()]);

    for (const mail of await messagesTo(ada.email)) {
      const [, code] = /^(\d{6}) is your/.exec(mail.subject) ?? [];
      const rows = await accounts(ada.email);
      for (const { id } of rows.filter((row) => row.id !== first.id))
        if (code) expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
    }
    expect((await accounts(ada.email)).filter((row) => row.verified)).toMatchObject([{ id: first.id }]);
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

test('one address in many spellings is one account', async () => {
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

test('past four waiting hashes a sign-up is refused with Retry-After and leaves nothing behind', async () => {
  const gatehouse = startGatehouse({ PASSWORD_SCRYPT_COSTS: FULL_PRICE, PASSWORD_HASH_WAITING: '4' });
  const people = Array.from({ length: 30 }, () => person('busy'));
  const answers = await Promise.all(people.map((who) => gatehouse.post('/signup', who)));

  const refused = answers.filter(({ status }) => status === 503);
  // They reach the queue one by one, behind the limiter: those who find room after a first hash are served too.
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
  for (const { body, headers } of refused) {
    expect(body.code).toBe('overloaded');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
  }
  const emails = people.filter((_, index) => answers[index]?.status === 503).map(({ email }) => email);
  expect(await query('SELECT FROM users WHERE email = ANY($1)', [emails])).toEqual([]);
});
