/** People who were imported log in with their old passwords. Nobody else can tell that they were. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { linesOf } from '../support/console.ts';
import { importFile, query } from '../support/control-client.ts';
import { FOREIGN_FILES, TOTP_SECRET } from '../support/exports-of-others.ts';
import { type Gatehouse, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { guess, WRONG } from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { IMPORT_PEPPERS, imported, sampleOf, storedHash } from '../support/imported.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { login, type Person, person, resident, signUp } from '../support/person.ts';
import { codeAt, stepOf, ticketFor, wrongCode } from '../support/totp-app.ts';

/** One slow format and a fast one, at little cost. */
const IMPORT_FORMATS = 'bcrypt:5,pbkdf2-sha256:6400';
const OPEN = { IMPORT_FORMATS, IMPORT_PEPPERS };
/** Where neither the list nor our own scrypt beside a fast format is the point. */
const BCRYPT = { IMPORT_FORMATS: 'bcrypt:5', IMPORT_PEPPERS };
const PBKDF2 = { IMPORT_FORMATS: 'pbkdf2-sha256:6400', IMPORT_PEPPERS };

/** What a login answered and what it took, without what differs from one to the next. */
async function costOf(gatehouse: Gatehouse, who: Person) {
  const { answer, work } = await gatehouse.workOf(() => login(gatehouse, who));
  for (const { deleted } of work.trips.flat()) delete deleted.failed_login_attempts;
  const { id, ...body } = answer.body;
  return { told: { ...body, requestId: '', hasId: id !== undefined, headers: steadyHeaders(answer) }, work };
}

test.each(FOREIGN_FILES)(
  'moved in from $source: the old password opens the account, and is kept in our form from then on',
  async ({ source, ending, formats, password, text }) => {
    const of = (name: string) => ({ ...person(name), password });
    const [ada, bob, carol] = [of('ada'), of('bob'), of('carol')];
    const file = text({ ada: ada.email, bob: bob.email, carol: carol.email });
    const counts = await importFile({ source, ending, text: file, formats, peppers: IMPORT_PEPPERS });
    expect(counts).toEqual({ imported: 2, pending: 1 });

    const gatehouse = startGatehouse({ IMPORT_FORMATS: formats, IMPORT_PEPPERS });
    expect(await login(gatehouse, { ...ada, password: 'a wrong one' })).toMatchObject(WRONG);
    expect((await login(gatehouse, ada)).status).toBe(200);
    expect(await storedHash(ada.email)).toMatch(/^\$scrypt\$ln=4,/);
    expect((await login(startGatehouse(), ada)).status).toBe(200);
    expect((await login(gatehouse, bob)).body.code).toBe('email_not_verified');
    // Blocked there, disabled here: the answer is that for a wrong password.
    expect(await login(gatehouse, carol)).toMatchObject(WRONG);
  },
);

test('every login runs each listed format once, whoever asks, and the answers are the same', async () => {
  const gatehouse = startGatehouse({ ...OPEN, LOGIN_STRANGER_TRIES: '1000', LIMITS: 'login=100000/900' });
  const wrong = (who: Person) => ({ ...who, password: 'a wrong one' });
  const people = [
    await imported('bcrypt:5'),
    await imported('pbkdf2-sha256:6400'),
    await imported('bcrypt:5', { isPending: true }),
    await resident(startGatehouse()),
    person('nobody'),
  ].map(wrong);
  const costs = [];
  for (const who of people) costs.push(await costOf(gatehouse, who));
  const [first, ...others] = costs;
  expect(first?.told).toMatchObject({ code: WRONG.body.code });
  expect(first?.work.foreign).toEqual(['bcrypt:5', 'pbkdf2-sha256:6400']);
  expect(first?.work.hashes).toEqual([
    { N: 16, r: 8, p: 1 },
    { N: 2 ** 14, r: 8, p: 5 },
  ]);
  for (const other of others) expect(other).toEqual(first);

  // A lock and a right password take the same hashes.
  const [ada] = people;
  if (ada === undefined) throw new Error('nobody');
  const locked = startGatehouse({ ...OPEN, LOGIN_STRANGER_TRIES: '1' });
  await guess(locked, ada, 1, () => '2001:db8::7');
  for (const [at, who] of [
    [gatehouse, { ...ada, password: sampleOf('bcrypt:5').password }],
    [gatehouse, await resident(startGatehouse())],
  ] as const) {
    const { work } = await costOf(at, who);
    expect([work.foreign, work.hashes]).toEqual([first?.work.foreign, first?.work.hashes]);
  }
});

test('an imported sign-up waits for proof: the old password tells its id, a code proves it, no mail came before', async () => {
  const gatehouse = startGatehouse(BCRYPT);
  const who = await imported('bcrypt:5', { isPending: true });
  const refused = await login(gatehouse, who);
  expect(refused).toMatchObject({ status: 403, body: { code: 'email_not_verified', id: who.id } });
  expect(await messagesTo(who.email)).toEqual([]);
  expect((await gatehouse.post('/verify-email/resend', { id: who.id })).status).toBe(200);
  const code = codeIn(await nextMessageTo(who.email));
  expect((await gatehouse.post('/verify-email', { id: who.id, code })).status).toBe(200);
  expect((await login(gatehouse, who)).status).toBe(200);
  expect(await storedHash(who.email)).toMatch(/^\$scrypt\$/);
});

test('a mailed link and the old password prove an imported sign-up, whoever caused the mail', async () => {
  const gatehouse = startGatehouse(BCRYPT);
  const who = await imported('bcrypt:5', { isPending: true });
  const stranger = await signUp(gatehouse, { ...person('stranger'), email: who.email });
  const token = linkTokenIn(stranger.mail);
  expect((await gatehouse.post('/verify-email', { token, password: 'a wrong one' })).status).toBe(400);
  expect((await gatehouse.post('/verify-email', { token, password: who.password })).status).toBe(200);
  const { body } = await login(gatehouse, who);
  expect(body.data.user.id).toBe(who.id);
});

/** The tokens of a login, after which the record is as if that had not renewed it: a Worker that did not know how. */
async function unrenewed(gatehouse: Gatehouse, who: Person): Promise<{ token: string }> {
  const record = await storedHash(who.email);
  const { data } = (await login(gatehouse, who)).body;
  await query('UPDATE users SET password_hash = $2 WHERE email = $1', [who.email, String(record)]);
  return { token: data.accessToken };
}

test('an imported person changes the password before any login renewed the record', async () => {
  const gatehouse = startGatehouse(BCRYPT);
  const ada = await imported('bcrypt:5');
  const change = { currentPassword: ada.password, newPassword: 'a kettle of her own' };
  const token = await unrenewed(gatehouse, ada);
  const wrong = { ...change, currentPassword: 'wrong' };
  expect((await gatehouse.post('/change-password', wrong, token)).status).toBe(403);
  expect((await gatehouse.post('/change-password', change, token)).status).toBe(200);
  expect((await login(gatehouse, { ...ada, password: change.newPassword })).status).toBe(200);
});

test('one with a fast hash changes the address and deletes the account before that, too', async () => {
  const gatehouse = startGatehouse(PBKDF2);
  const bob = await imported('pbkdf2-sha256:6400');
  const token = await unrenewed(gatehouse, bob);
  const address = { newEmail: person('bob').email, currentPassword: bob.password };
  expect((await gatehouse.post('/change-email', address, token)).status).toBe(200);
  expect((await gatehouse.call('DELETE', '/me', { password: bob.password }, token)).status).toBe(200);
});

test('a secret of an app that was brought along opens the account with the old password, and neither does alone', async () => {
  const ada = { ...person('ada'), password: sampleOf('bcrypt:5').password };
  const { FACTOR_SECRETS: factorSecrets = '' } = env as unknown as Record<string, string>;
  const text = [
    'id,email,email_verified,password_hash,totp_secret',
    `app,${ada.email},true,"${sampleOf('bcrypt:5').hash}",${TOTP_SECRET}`,
    '',
  ].join('\n');
  const from = { source: 'csv', ending: '.csv', text, formats: 'bcrypt:5' };
  expect(await importFile({ ...from, peppers: IMPORT_PEPPERS, factorSecrets })).toEqual({ imported: 1 });
  const gatehouse = startGatehouse(BCRYPT);
  const ticket = await ticketFor(gatehouse, ada);
  const answer = (code: string) => gatehouse.post('/login/mfa', { ticket, code });
  expect((await answer(wrongCode(gatehouse, TOTP_SECRET))).status).toBe(403);
  const { status, body } = await answer(codeAt(TOTP_SECRET, stepOf(gatehouse)));
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.data.user.email).toBe(ada.email);
});

test('two first logins at once both succeed, and leave one record of ours', async () => {
  const gatehouse = startGatehouse(BCRYPT);
  const who = await imported('bcrypt:5');
  const answers = await Promise.all([login(gatehouse, who), login(gatehouse, who)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await storedHash(who.email)).toMatch(/^\$scrypt\$/);
});

test('a record that no setting can read is a wrong password for its person and an error for the operator', async () => {
  const who = await imported('bcrypt:5');
  const records = [
    [await storedHash(who.email), 'bcrypt:5,l=23,keyid='],
    // As an import by hand may have written it.
    [sampleOf('bcrypt:5').hash, '05'],
    ['no record at all', undefined],
  ] as const;
  for (const [record, named] of records) {
    await query('UPDATE users SET password_hash = $2 WHERE email = $1', [who.email, String(record)]);
    for (const gatehouse of [startGatehouse(), startGatehouse({ ...BCRYPT, IMPORT_FORMATS: 'bcrypt:4' })]) {
      const { answer, lines } = await linesOf(() => login(gatehouse, who));
      expect(answer).toMatchObject(WRONG);
      if (named === undefined) continue;
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', event: 'password.unreadable' });
      expect(lines[0]).toContain(named);
      expect(lines.join()).not.toContain(String(record).split('$').at(-1));
    }
  }
});

test('foreign hashes wait in the same queue: when it is full, the login is shed before any trip', async () => {
  const gatehouse = startGatehouse({ ...BCRYPT, PASSWORD_HASH_WAITING: '0' });
  const [ada, bob] = [await imported('bcrypt:5'), await imported('bcrypt:5')];
  await guess(gatehouse, ada, 1);
  const held = await hold('SELECT FROM failed_login_attempts WHERE user_id = $1 FOR UPDATE', [ada.id]);
  const busy = login(gatehouse, ada);
  await held.waitedForBy(1);
  const { count, answer } = await gatehouse.tripsOf(() => login(gatehouse, bob));
  expect([count, answer.status]).toEqual([0, 503]);
  await held.letGo();
  expect((await busy).status).toBe(200);
});

test('formats without a pepper stop the start', () => {
  expect(() => startGatehouse({ IMPORT_FORMATS })).toThrow('IMPORT_FORMATS is set without IMPORT_PEPPERS');
});
