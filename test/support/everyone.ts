/**
 * Someone at each point of the journey, and what each would do next: one call of every endpoint of the contract, ready
 * to be made while something is down. On a good day each of them is answered 200, once.
 */
import { expect } from 'vitest';
import { endpoints } from '../../src/app.ts';
import { counterOwners } from '../../src/guard/lockout.ts';
import { inParallel } from '../../src/lib/concurrency.ts';
import { query } from './control-client.ts';
import { appShown, enrolmentOwed, strictBeside } from './enrolment.ts';
import type { Answer, Gatehouse } from './gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from './mailbox.ts';
import { answerTo, beginPasskey, byPassword, keyed, newDevice, passkeyLogin } from './passkeys.ts';
import { loggedIn, login, type Person, person, resident, signUp, type Tokens } from './person.ts';
import { codeAt, guarded, stepOf, ticketFor } from './totp-app.ts';

/** The longest that anyone waits for an answer, whatever is down. */
const LIMIT_MS = 3_000;

/** Calls that may be in one isolate at a time without a hash finding no room to wait. */
const AT_A_TIME = 4;

const nameOf = ({ method, path }: (typeof endpoints)[number]) => `${method.toUpperCase()} ${path}`;

export type Everyone = Awaited<ReturnType<typeof everyone>>;

export async function everyone(gatehouse: Gatehouse) {
  const newcomer = person('newcomer');
  const [pending, waiting] = [
    await newlySignedUp(gatehouse, 'pending'),
    await newlySignedUp(gatehouse, 'waiting'),
  ];
  const forgetful = await resident(gatehouse, 'forgetful');
  const link = await mailAfter(forgetful, () =>
    gatehouse.post('/forgot-password', { email: forgetful.email }),
  );
  const names = ['ada', 'bob', 'eve', 'changing', 'moving', 'arriving', 'leaving', 'enrolling'] as const;
  const [ada, bob, eve, changing, moving, arriving, leaving, enrolling] = (await inParallel(
    AT_A_TIME,
    names,
    (name) => loggedIn(gatehouse, name),
  )) as [Somebody, Somebody, Somebody, Somebody, Somebody, Somebody, Somebody, Somebody];
  await login(gatehouse, ada);
  const { sessions } = (await gatehouse.get('/sessions', { token: ada.accessToken })).body.data;
  const other = sessions.find(({ current }: { current: boolean }) => !current).id;

  const askToMove = (who: Somebody, newEmail: string) =>
    gatehouse.post('/change-email', { newEmail, currentPassword: who.password }, { token: who.accessToken });
  const addresses = { moving: person('moving').email, arriving: person('arriving').email };
  expect((await askToMove(arriving, addresses.arriving)).status).toBe(200);
  const notice = await mailAfter(bob, () => askToMove(bob, person('bob').email));
  const code = codeIn(await nextMessageTo(addresses.arriving));

  const coded = await guarded(gatehouse, 'coded');
  const uncoding = await guarded(gatehouse, 'uncoding');
  const [signing, unkeying] = [await keyed(gatehouse), await keyed(gatehouse)];
  const adding = await loggedIn(gatehouse, 'adding');
  // They have no second factor, and owe one where everybody must.
  const strict = strictBeside(gatehouse);
  const [unguarded, guarding] = [
    await resident(gatehouse, 'unguarded'),
    await resident(gatehouse, 'guarding'),
  ];
  const [proving, app] = [await enrolmentOwed(strict, unguarded), await appShown(strict, guarding)];
  const [answered, made] = [
    await passkeyLogin(gatehouse, signing.device),
    await answerTo(await beginPasskey(gatehouse, adding), await newDevice(gatehouse)),
  ];
  const [owed, begun] = [await ticketFor(gatehouse, coded), await askForApp(enrolling)];

  const { post, get, call } = gatehouse;
  const [asAda, asEve] = [{ token: ada.accessToken }, { token: eve.accessToken }];
  const as = ({ accessToken }: Tokens) => ({ token: accessToken });
  const recovery = ({ recoveryCodes }: { recoveryCodes: string[] }) => ({
    proof: { recoveryCode: recoveryCodes[0] },
  });
  const calls = {
    'POST /signup': () => post('/signup', newcomer),
    'POST /verify-email': () => post('/verify-email', { id: pending.id, code: codeIn(pending.mail) }),
    'POST /verify-email/resend': () => post('/verify-email/resend', { id: waiting.id }),
    'POST /login': () => login(gatehouse, ada),
    'POST /login/mfa': () =>
      post('/login/mfa', { ticket: owed, code: codeAt(coded.secret, stepOf(gatehouse) + 1) }),
    'POST /login/enrol': () => post('/login/enrol', proving),
    'POST /login/enrol/confirm': () =>
      post('/login/enrol/confirm', { ticket: app.ticket, code: codeAt(app.secret, stepOf(gatehouse)) }),
    'POST /login/passkey/options': () => post('/login/passkey/options', undefined),
    'POST /login/passkey': () => post('/login/passkey', answered),
    'POST /refresh': () => post('/refresh', { refreshToken: ada.refreshToken }),
    'POST /logout': () => post('/logout', { refreshToken: bob.refreshToken }),
    'POST /forgot-password': () => post('/forgot-password', { email: bob.email }),
    'POST /reset-password': () =>
      post('/reset-password', { token: linkTokenIn(link), newPassword: 'a kettle not forgotten' }),
    'GET /me': () => get('/me', asAda),
    'PATCH /me': () => call('PATCH', '/me', { name: 'Eve the Second' }, asEve),
    'DELETE /me': () => call('DELETE', '/me', { password: leaving.password }, { token: leaving.accessToken }),
    'GET /me/export': () => get('/me/export', asEve),
    'GET /sessions': () => get('/sessions', asEve),
    'DELETE /sessions/:id': () => gatehouse.delete(`/sessions/${other}`, asAda),
    'DELETE /sessions': () => gatehouse.delete('/sessions', asEve),
    'GET /events': () => get('/events', asEve),
    'GET /factors': () => get('/factors', as(coded)),
    'POST /factors/totp': () => askForApp(eve),
    'POST /factors/totp/confirm': () => {
      const { secret, ticket } = begun.body.data;
      return post(
        '/factors/totp/confirm',
        { ticket, code: codeAt(secret, stepOf(gatehouse)) },
        as(enrolling),
      );
    },
    'DELETE /factors/totp': () => call('DELETE', '/factors/totp', recovery(uncoding), as(uncoding)),
    'POST /factors/recovery-codes': () => post('/factors/recovery-codes', recovery(coded), as(coded)),
    'POST /factors/passkeys/options': () => beginPasskey(gatehouse, eve),
    'POST /factors/passkeys': () => post('/factors/passkeys', made, as(adding)),
    'PATCH /factors/passkeys/:id': () =>
      call('PATCH', `/factors/passkeys/${signing.passkeyId}`, { name: 'Old laptop' }, as(signing)),
    'DELETE /factors/passkeys/:id': () =>
      call('DELETE', `/factors/passkeys/${unkeying.passkeyId}`, byPassword(unkeying), as(unkeying)),
    'POST /step-up/options': () => post('/step-up/options', { act: { purpose: 'add-passkey' } }, as(signing)),
    'POST /step-up': () =>
      post('/step-up', { act: { purpose: 'add-passkey' }, ...byPassword(signing) }, as(signing)),
    'POST /change-password': () =>
      post(
        '/change-password',
        { currentPassword: changing.password, newPassword: 'a brand new kettle' },
        { token: changing.accessToken },
      ),
    'POST /change-email': () => askToMove(moving, addresses.moving),
    'POST /change-email/confirm': () =>
      post('/change-email/confirm', { code }, { token: arriving.accessToken }),
    'POST /change-email/cancel': () => post('/change-email/cancel', { token: linkTokenIn(notice) }),
  };
  // What is not called here is not tried on bad days.
  expect(Object.keys(calls).sort()).toEqual(endpoints.map(nameOf).sort());
  const people = {
    ...{ newcomer, ada, bob, eve, changing, moving, arriving, leaving, forgetful },
    ...{ enrolling, coded, uncoding, signing, unkeying, adding, unguarded, guarding },
  };
  const accounts = await accountsOf();
  return {
    calls: calls as Record<keyof typeof calls, () => Promise<Answer>>,
    people,
    addresses,
    ids: [...accounts.map(({ userId }) => userId), pending.id, waiting.id],
    /** By which what was counted for them is found, as `bytea` is written. */
    counterOwners: accounts
      .flatMap((account) => counterOwners(gatehouse.config, account))
      .map((key) => `\\x${Buffer.from(key).toString('hex')}`),
    /** Wherever a mail may go to. */
    mailboxes: [
      ...Object.values({ ...people, pending, waiting }).map(({ email }) => email),
      ...Object.values(addresses),
    ],
  };

  function askForApp(who: Somebody) {
    return gatehouse.post('/factors/totp', { proof: { password: who.password } }, { token: who.accessToken });
  }

  function accountsOf(): Promise<{ userId: string; email: string }[]> {
    return query('SELECT id AS "userId", email FROM users WHERE email = ANY($1) ORDER BY id', [
      Object.values(people).map(({ email }) => email),
    ]);
  }
}

type Somebody = Person & Tokens;

async function newlySignedUp(gatehouse: Gatehouse, name: string) {
  const who = person(name);
  return { ...who, ...(await signUp(gatehouse, who)) };
}

/** The mail that `work` causes to the person's own address. */
async function mailAfter(who: Person, work: () => Promise<Answer>) {
  const [before] = await messagesTo(who.email);
  expect((await work()).status).toBe(200);
  return nextMessageTo(who.email, before && { after: before });
}

/** Makes the call, whose answer must be there in time; what goes on after it may take longer. */
export async function timed(call: () => Promise<Answer>): Promise<Answer> {
  const answer = await call();
  expect(answer.waitedMs).toBeLessThan(LIMIT_MS);
  return answer;
}

/** Nothing that is down matters to these. */
export const ASKING_NOTHING: readonly string[] = endpoints
  .filter((endpoint) => 'asksNothing' in endpoint)
  .map(nameOf);

/** Makes every call that asks something, a few at a time or all at once, each within the limit; status and code by call. */
export async function allOf({ calls }: Everyone, atATime = AT_A_TIME): Promise<Record<string, Answer>> {
  const asking = Object.entries(calls).filter(([name]) => !ASKING_NOTHING.includes(name));
  const answers = await inParallel(atATime, asking, async ([name, call]) => {
    const answer = await timed(call);
    return [name, answer] as const;
  });
  return Object.fromEntries(answers);
}

export const statusesOf = (answers: Record<string, Answer>): Record<string, number> =>
  Object.fromEntries(Object.entries(answers).map(([name, { status }]) => [name, status]));

export const each = (status: number): Record<string, number> =>
  Object.fromEntries(
    endpoints
      .map(nameOf)
      .filter((name) => !ASKING_NOTHING.includes(name))
      .map((name) => [name, status]),
  );

/** Every row there is about these people; of mail, which moves on by itself, only which there is. */
export async function heldOf({ ids, counterOwners }: Everyone): Promise<unknown[]> {
  const held = await query(
    `SELECT to_jsonb(u) AS person,
       (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.id) FROM user_sessions s WHERE s.user_id = u.id) AS sessions,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM verification_tokens t WHERE t.user_id = u.id) AS codes,
       (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM password_reset_tokens r WHERE r.user_id = u.id) AS links,
       (SELECT jsonb_agg(e.id ORDER BY e.id) FROM security_events e WHERE e.user_id = u.id) AS events,
       (SELECT jsonb_agg(o.id ORDER BY o.id) FROM email_outbox o WHERE o.user_id = u.id) AS mails
     FROM users u WHERE u.id = ANY($1) ORDER BY u.id`,
    [ids],
  );
  const tries = await query(
    'SELECT * FROM failed_login_attempts WHERE owner_key = ANY($1::bytea[]) ORDER BY key',
    [counterOwners],
  );
  return [...held, ...tries];
}

/** Mail owed to these people, or to one who is gone, that is in one of the states. */
export const mailsOf = (
  { ids, mailboxes }: Everyone,
  statuses: string[],
): Promise<{ id: string; kind: string }[]> =>
  query(
    'SELECT id, kind FROM email_outbox WHERE (user_id = ANY($1) OR recipient = ANY($2)) AND status = ANY($3)',
    [ids, mailboxes, statuses],
  );
