/**
 * Pairs of requests that differ only in whether the address has an account: what nobody may tell apart. A new endpoint
 * that takes an address, an id or a mailed secret joins them.
 */
import { expect } from 'vitest';
import { nobodysCode } from './code.ts';
import { query } from './control-client.ts';
import { type Answer, freshClient, type Gatehouse } from './gatehouse.ts';
import { guess, tryLogin } from './guesses.ts';
import { linkTokenIn, type Message, nextMessageTo } from './mailbox.ts';
import { loggedIn, login, type Person, person, signUp, type Tokens, verify } from './person.ts';

export type Pair = { known: () => Promise<Answer>; unknown: () => Promise<Answer> };

/** For the Gatehouse of the pairs, however often each is asked. The lock is a pair of its own: the others must not run into it. */
export const ROOMY = {
  LOGIN_STRANGER_TRIES: '1000',
  LOGIN_FAILURES_IN_A_ROW: '1000',
  LIMITS: 'accountSession=100000/60;login=100000/900',
  SESSION_REFRESHES: '100000',
  PASSWORD_HASH_WAITING: '16',
};

export const PAIRS = [
  'sign-up, for a taken address and a free one',
  'sign-up once more, for one taken address and one free one',
  'a resend, for a sign-up of a taken address and a free one',
  'a resend, for a sign-up and none',
  'a wrong code, for a sign-up of a taken address and a free one',
  'a wrong code, for a sign-up and none',
  "somebody else's link, for a sign-up of a taken address and a free one",
  'a link that was used, of an account and of nobody',
  'a wrong password, for a known address and an unknown one',
  'a right password, of somebody disabled and of nobody',
  'a wrong password, for an address that waits for proof and an unknown one',
  'a login that is locked, for a known address and an unknown one',
  'a forgotten password, for a known address and an unknown one',
  'a forgotten password, of somebody disabled and of nobody',
  'a reset link that was used, of an account and of nobody',
  'a change of address, to a taken one and a free one',
  'a wrong code for a change of address, to a taken one and a free one',
  'a link that cancels no change any more, of an account and of nobody',
  'a refresh, of somebody disabled and of nobody',
  'a refresh of a session that ended, of an account and of nobody',
  'a logout of a session that ended, of an account and of nobody',
] as const;

export type PairName = (typeof PAIRS)[number];

type Somebody = Person & Tokens;
/** Somebody, and the links they were mailed, none of which is good any more. */
type Linked = Somebody & { links: { verify: string; reset: string; cancel: string } };

const WRONG = 'a wrong password';

export async function knownAndUnknown(gatehouse: Gatehouse): Promise<Record<PairName, Pair>> {
  const { post, call } = gatehouse;
  const fresh = () => ({ email: person('nobody').email });
  const lockedClient = freshClient();
  const nobody = person('nobody');
  const owner = await withDeadLinks(gatehouse, 'owner');
  // Had an account once: what they were mailed, and their tokens, are nobody's now.
  const gone = await withDeadLinks(gatehouse, 'gone');
  await post('/logout', { refreshToken: owner.refreshToken });
  const deleted = await call('DELETE', '/me', { password: gone.password }, { token: gone.accessToken });
  expect(deleted.status).toBe(200);

  const disabled = await loggedIn(gatehouse, 'disabled');
  await query('UPDATE users SET disabled_at = now() WHERE email = $1', [disabled.email]);

  const waiting = person('waiting');
  await signUp(gatehouse, waiting);
  const own = await signUp(gatehouse, person('own'));
  const open = await signUp(gatehouse, person('open'));
  const taken = await takenAddresses();
  const signUpAs = (email: string) => post('/signup', { ...person('same'), email });
  const decoyed = await loggedIn(gatehouse, 'decoyed');
  const decoy: { id: string } = (await signUpAs(decoyed.email)).body.data;
  const [forTaken, forFree] = [await loggedIn(gatehouse, 'first'), await loggedIn(gatehouse, 'second')];
  for (const who of [owner, nobody]) await guess(gatehouse, who, 5, () => lockedClient);

  /** Gives a sign-up or a change that waits its tries back, past the app and past the clock. */
  const reopen = () =>
    query(
      `UPDATE verification_tokens SET tries = 0, resends = 0 WHERE user_id IN ($1, $2)
         OR user_id IN (SELECT id FROM users WHERE email IN ($3, $4))`,
      [open.id, decoy.id, forTaken.email, forFree.email],
    );
  const resend = (id: string) => reopen().then(() => post('/verify-email/resend', { id }));
  const wrong = () => reopen().then(() => nobodysCode(gatehouse));
  const tryCode = (id: string) => wrong().then((code) => post('/verify-email', { id, code }));
  const tryLink = (id: string) => post('/verify-email', { token: linkTokenIn(own.mail), id });
  const deadLink = ({ links }: Linked) => post('/verify-email', { token: links.verify, password: WRONG });
  const wrongLogin = (who: { email: string }, from = {}) => tryLogin(gatehouse, who, WRONG, from);
  const forgot = ({ email }: { email: string }) => post('/forgot-password', { email });
  const reset = ({ links }: Linked) =>
    post('/reset-password', { token: links.reset, newPassword: 'a kettle for nobody' });
  const changeEmail = ({ password, accessToken: token }: Somebody, { email }: { email: string }) =>
    post('/change-email', { newEmail: email, currentPassword: password }, { token });
  const tryChange = ({ accessToken: token }: Somebody) =>
    wrong().then((code) => post('/change-email/confirm', { code }, { token }));
  const cancel = ({ links }: Linked) => post('/change-email/cancel', { token: links.cancel });
  const refresh = ({ refreshToken }: Somebody) => post('/refresh', { refreshToken });
  const logout = ({ refreshToken }: Somebody) => post('/logout', { refreshToken });
  const none = () => crypto.randomUUID();
  const pair = <T>(
    ask: (whose: T) => Promise<Answer>,
    known: T | (() => T),
    unknown: T | (() => T),
  ): Pair => {
    const of = (whose: T | (() => T)) => (typeof whose === 'function' ? (whose as () => T)() : whose);
    return { known: () => ask(of(known)), unknown: () => ask(of(unknown)) };
  };

  return {
    'sign-up, for a taken address and a free one': pair(signUpAs, taken, () => fresh().email),
    'sign-up once more, for one taken address and one free one': pair(
      signUpAs,
      decoyed.email,
      person('repeated').email,
    ),
    'a resend, for a sign-up of a taken address and a free one': pair(resend, decoy.id, open.id),
    'a resend, for a sign-up and none': pair(resend, open.id, none),
    'a wrong code, for a sign-up of a taken address and a free one': pair(tryCode, decoy.id, open.id),
    'a wrong code, for a sign-up and none': pair(tryCode, open.id, none),
    "somebody else's link, for a sign-up of a taken address and a free one": pair(tryLink, decoy.id, open.id),
    'a link that was used, of an account and of nobody': pair(deadLink, owner, gone),
    'a wrong password, for a known address and an unknown one': pair(wrongLogin, owner, fresh),
    'a wrong password, for an address that waits for proof and an unknown one': pair(
      wrongLogin,
      waiting,
      fresh,
    ),
    'a right password, of somebody disabled and of nobody': pair(
      ({ email }: { email: string }) => tryLogin(gatehouse, { email }, disabled.password),
      disabled,
      fresh,
    ),
    'a login that is locked, for a known address and an unknown one': pair(
      (who: { email: string }) => wrongLogin(who, { client: lockedClient }),
      owner,
      nobody,
    ),
    'a forgotten password, for a known address and an unknown one': pair(forgot, owner, fresh),
    'a forgotten password, of somebody disabled and of nobody': pair(forgot, disabled, fresh),
    'a reset link that was used, of an account and of nobody': pair(reset, owner, gone),
    'a change of address, to a taken one and a free one': {
      known: () => changeEmail(forTaken, owner),
      unknown: () => changeEmail(forFree, fresh()),
    },
    'a wrong code for a change of address, to a taken one and a free one': pair(tryChange, forTaken, forFree),
    'a link that cancels no change any more, of an account and of nobody': pair(cancel, owner, gone),
    'a refresh, of somebody disabled and of nobody': pair(refresh, disabled, gone),
    'a refresh of a session that ended, of an account and of nobody': pair(refresh, owner, gone),
    'a logout of a session that ended, of an account and of nobody': pair(logout, owner, gone),
  };
}

/** Addresses of accounts to whom nothing has happened yet, a new one at each call: a probe finds an address as it is. */
async function takenAddresses(): Promise<() => string> {
  const waiting = Array.from({ length: 1_000 }, () => person('taken').email);
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     SELECT gen_random_uuid(), email, 'taken', 'x', now(), now(), now() FROM unnest($1::text[]) email`,
    [waiting],
  );
  return () => waiting.pop() ?? '';
}

async function withDeadLinks(gatehouse: Gatehouse, name: string): Promise<Linked> {
  const { post } = gatehouse;
  const who = person(name);
  const signup = await signUp(gatehouse, who);
  await verify(gatehouse, signup);
  /** The mail to them that the request causes. */
  const mailed = async (request: Promise<Answer>, after: Message) => {
    expect((await request).status).toBe(200);
    return nextMessageTo(who.email, { after });
  };
  const reset = await mailed(post('/forgot-password', { email: who.email }), signup.mail);
  const resetToken = linkTokenIn(reset);
  const newPassword = 'a kettle in between';
  const first = await mailed(post('/reset-password', { token: resetToken, newPassword }), reset);
  // A link that was used repeats its answer until the password it has set is replaced.
  const again = await mailed(post('/forgot-password', { email: who.email }), first);
  const second = { token: linkTokenIn(again), newPassword: who.password };
  const done = await mailed(post('/reset-password', second), again);
  const { data } = (await login(gatehouse, who)).body;
  const change = { newEmail: person('new').email, currentPassword: who.password };
  const notice = await mailed(post('/change-email', change, { token: data.accessToken }), done);
  const cancelToken = linkTokenIn(notice);
  expect((await post('/change-email/cancel', { token: cancelToken })).status).toBe(200);
  const links = { verify: linkTokenIn(signup.mail), reset: resetToken, cancel: cancelToken };
  return { ...who, ...data, links };
}
