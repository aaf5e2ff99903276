import { expect, test } from 'vitest';
import { otherThan } from '../support/code.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn } from '../support/mailbox.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { login, person, signUp } from '../support/person.ts';
import { asCode } from '../support/sinks.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };

test('a link proves the address with the id of its sign-up', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  expect((await gatehouse.post('/verify-email', { token: linkTokenIn(mail), id })).status).toBe(200);
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('a link proves the address with the password of its sign-up, in another browser', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { mail } = await signUp(gatehouse, ada);
  const proof = { token: linkTokenIn(mail), password: ada.password };
  expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('a link whose MAC is wrong is refused without a trip', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  const token = linkTokenIn(mail);
  for (const forged of [withOtherMac(token), token.slice(0, 40), `${token}AA`, 'x', `${token} `]) {
    const { count, answer } = await gatehouse.tripsOf(() =>
      gatehouse.post('/verify-email', { token: forged, id }),
    );
    expect(answer).toMatchObject(REFUSED);
    expect(count).toBe(0);
  }
});

test('a code allows five tries, and parallel requests get no more', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  const wrong = otherThan(codeIn(mail));
  const tries = Array.from({ length: 20 }, () => gatehouse.post('/verify-email', { id, code: wrong }));
  for (const answer of await Promise.all(tries)) expect(answer).toMatchObject(REFUSED);

  expect(await query('SELECT tries FROM verification_tokens WHERE user_id = $1', [id])).toEqual([
    { tries: 5 },
  ]);
  // The last of them is recorded, once.
  const exhausted = `SELECT user_id FROM security_events WHERE user_id = $1 AND kind = 'otp.exhausted'`;
  expect(await query(exhausted, [id])).toEqual([{ user_id: id }]);
  expect(await gatehouse.post('/verify-email', { id, code: codeIn(mail) })).toMatchObject(REFUSED);
});

test('the fifth try may still be right', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  const code = codeIn(mail);
  for (let tries = 0; tries < 4; tries++)
    await gatehouse.post('/verify-email', { id, code: otherThan(code) });
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(200);
});

test('a code lives for five minutes, its link for as long as the sign-up', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  gatehouse.clock.travel(301);
  expect(await gatehouse.post('/verify-email', { id, code: codeIn(mail) })).toMatchObject(REFUSED);
  expect((await gatehouse.post('/verify-email', { id, token: linkTokenIn(mail) })).status).toBe(200);
});

test('code and link work once, also when used 20 times at once, and each answer is a success', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  const proofs = [
    { id, code: codeIn(mail) },
    { id, token: linkTokenIn(mail) },
  ];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => gatehouse.post('/verify-email', proofs[i % 2])),
  );
  for (const { status } of answers) expect(status).toBe(200);
  const events = `SELECT kind FROM security_events WHERE user_id = $1 AND kind IN ('signup.verified', 'verify.failed')`;
  expect(await query(events, [id])).toEqual([{ kind: 'signup.verified' }]);
});

test('a right proof gets the same answer again until it expires, changes nothing, and makes no other proof right', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  const [code, token] = [codeIn(mail), linkTokenIn(mail)];
  const send = (proof: object) => gatehouse.post('/verify-email', proof);
  expect((await send({ id, code })).status).toBe(200);
  const state = () =>
    query(
      `SELECT to_jsonb(u) AS person, to_jsonb(t) AS token, (SELECT count(*) FROM security_events WHERE user_id = u.id) AS events
       FROM users u JOIN verification_tokens t ON t.user_id = u.id WHERE u.id = $1`,
      [id],
    );
  const before = await state();
  for (const proof of [
    { id, code },
    { id, token },
  ])
    expect((await send(proof)).status).toBe(200);
  expect(await state()).toEqual(before);
  for (const proof of [
    { id, code: otherThan(code) },
    { id: crypto.randomUUID(), code },
    { id: crypto.randomUUID(), token },
  ])
    expect(await send(proof)).toMatchObject(REFUSED);

  gatehouse.clock.travel(301);
  expect(await send({ id, code })).toMatchObject(REFUSED);
  expect((await send({ id, token })).status).toBe(200);
  gatehouse.clock.travel(86_400);
  expect(await send({ id, token })).toMatchObject(REFUSED);
});

test('with the password of the sign-up a used link succeeds again, within the same tries, until the password changes', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const { id, mail } = await signUp(gatehouse, ada);
  const proof = { token: linkTokenIn(mail), password: ada.password };
  const send = (password: string) => gatehouse.post('/verify-email', { ...proof, password });
  for (let time = 0; time < 2; time++) expect((await send(ada.password)).status).toBe(200);
  await Promise.all(Array.from({ length: 10 }, () => send('not her kettle')));
  expect(await query('SELECT link_tries FROM verification_tokens WHERE user_id = $1', [id])).toEqual([
    { link_tries: 5 },
  ]);
  expect(await send(ada.password)).toMatchObject(REFUSED);

  const eve = person('eve');
  const other = await signUp(gatehouse, eve);
  const asEve = { token: linkTokenIn(other.mail), password: eve.password };
  expect((await gatehouse.post('/verify-email', asEve)).status).toBe(200);
  const { accessToken } = (await login(gatehouse, eve)).body.data;
  const change = { currentPassword: eve.password, newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/change-password', change, { token: accessToken })).status).toBe(200);
  for (const password of [eve.password, change.newPassword])
    expect(await gatehouse.post('/verify-email', { ...asEve, password })).toMatchObject(REFUSED);
});

test('the database holds neither code nor link token nor anything they can be found from', async () => {
  const gatehouse = startGatehouse();
  const { id, mail } = await signUp(gatehouse, person());
  const rows = await query(
    `SELECT row_to_json(u) AS user, row_to_json(t) AS token, row_to_json(o) AS mail FROM users u
     JOIN verification_tokens t ON t.user_id = u.id JOIN email_outbox o ON o.user_id = u.id WHERE u.id = $1`,
    [id],
  );
  const stored = JSON.stringify(rows);
  expect(rows).toHaveLength(1);
  expect(stored).not.toMatch(asCode(codeIn(mail)));
  expect(stored).not.toContain(linkTokenIn(mail));
});
