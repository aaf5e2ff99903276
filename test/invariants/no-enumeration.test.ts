/**
 * Nothing tells whether an address has an account: the answers are the same, and so are the trips they cost, the mail
 * they ring for and the time they take. Each trip to the database is made 20 ms longer, as it is across an ocean.
 * Trips and rings are counted; what the time must show is a hash more or less.
 * A new endpoint that takes an address or an id joins the table.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { fault, query } from '../support/control-client.ts';
import { type Answer, freshClient, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { guess, tryLogin } from '../support/guesses.ts';
import { loggedIn, type Person, person, resident, signUp, type Tokens } from '../support/person.ts';
import { areaBetween, auc } from '../support/rank.ts';

const { MAIL_QUEUE } = env as unknown as ApiBindings;
let rings = 0;

const gatehouse = startGatehouse(
  {
    // The lock itself is a pair of its own: the others must not run into it.
    LOGIN_STRANGER_TRIES: '1000',
    LOGIN_FAILURES_IN_A_ROW: '1000',
    LIMITS: 'accountSession=1000/60',
    PASSWORD_HASH_WAITING: '16',
    // A fifth of the full price is well above the noise.
    PASSWORD_SCRYPT_COSTS: 'ln=14,r=8,p=1',
  },
  {
    MAIL_QUEUE: {
      send(job) {
        rings += 1;
        return MAIL_QUEUE.send(job);
      },
    } as ApiBindings['MAIL_QUEUE'],
  },
);
const lockedClient = freshClient();
const nobody = person('nobody');
const WRONG = 'a wrong password';
let owner: Person;
let [open, decoy]: [{ id: string }, { id: string }] = [{ id: '' }, { id: '' }];
/** One asks for the address of the owner, the other for free ones. */
let askers: { forTaken: Person & Tokens; forFree: Person & Tokens };

beforeAll(async () => {
  const [someone, first, second, signup] = await Promise.all([
    resident(gatehouse, 'owner'),
    loggedIn(gatehouse, 'first'),
    loggedIn(gatehouse, 'second'),
    signUp(gatehouse, person('open')),
  ]);
  [owner, askers, open] = [someone, { forTaken: first, forFree: second }, signup];
  decoy = (await signUpAs(owner.email)).body.data;
  for (const who of [owner, nobody]) await guess(gatehouse, who, 5, () => lockedClient);
  await fault(gatehouse.name, { delayMs: 20 });
}, 60_000);

const signUpAs = (email: string) => gatehouse.post('/signup', { ...person('same'), email });
const forgot = (email: string) => gatehouse.post('/forgot-password', { email });
const fresh = () => ({ email: person('nobody').email });

/** Gives a sign-up or a change that waits its tries back, past the app and past the clock. */
const reopen = () =>
  query(
    `UPDATE verification_tokens SET tries = 0, resends = 0 WHERE user_id IN ($1, $2)
       OR user_id IN (SELECT id FROM users WHERE email IN ($3, $4))`,
    [open.id, decoy.id, askers.forTaken.email, askers.forFree.email],
  );

async function resend(id: string): Promise<Answer> {
  await reopen();
  return gatehouse.post('/verify-email/resend', { id });
}

async function tryCode(id: string): Promise<Answer> {
  await reopen();
  return gatehouse.post('/verify-email', { id, code: '000000' });
}

const changeEmail = ({ password, accessToken: token }: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token });

async function tryChangeCode({ accessToken: token }: Tokens): Promise<Answer> {
  await reopen();
  return gatehouse.post('/change-email/confirm', { code: '000000' }, { token });
}

type Pair = [what: string, known: () => Promise<Answer>, unknown: () => Promise<Answer>];

const pairs: Pair[] = [
  ['sign-up, for a taken address and a free one', () => signUpAs(owner.email), () => signUpAs(fresh().email)],
  [
    'a wrong password, for a known address and an unknown one',
    () => tryLogin(gatehouse, owner, WRONG),
    () => tryLogin(gatehouse, fresh(), WRONG),
  ],
  [
    'a forgotten password, for a known address and an unknown one',
    () => forgot(owner.email),
    () => forgot(fresh().email),
  ],
  [
    'a resend, for a sign-up of a taken address and a free one',
    () => resend(decoy.id),
    () => resend(open.id),
  ],
  ['a resend, for a sign-up and none', () => resend(open.id), () => resend(crypto.randomUUID())],
  [
    'a wrong code, for a sign-up of a taken address and a free one',
    () => tryCode(decoy.id),
    () => tryCode(open.id),
  ],
  ['a wrong code, for a sign-up and none', () => tryCode(open.id), () => tryCode(crypto.randomUUID())],
  [
    'a change of address, to a taken one and a free one',
    () => changeEmail(askers.forTaken, owner.email),
    () => changeEmail(askers.forFree, fresh().email),
  ],
  [
    'a wrong code for a change of address, to a taken one and a free one',
    () => tryChangeCode(askers.forTaken),
    () => tryChangeCode(askers.forFree),
  ],
];

/** An answer and what it cost, without what differs from one call to the next whoever is asked about. */
async function told(ask: () => Promise<Answer>) {
  rings = 0;
  const { count, answer } = await gatehouse.tripsOf(ask);
  const { status, body } = answer;
  const headers = steadyHeaders(answer).map(([name, value]) => [
    name,
    ['retry-after', 'ratelimit'].includes(name ?? '') ? 'a number' : value,
  ]);
  const data = body.data?.id ? { ...body.data, id: 'an id' } : body.data;
  return { status, headers, body: { ...body, requestId: 'an id', data }, trips: count, rings };
}

const timeOf = (ask: () => Promise<Answer>) => async () => (await ask()).ms;

test.each(pairs)('%s: the same answer at the same cost in the same time', async (what, known, unknown) => {
  // A change of address waits for the two codes.
  if (what.includes('code for a change')) {
    await changeEmail(askers.forTaken, owner.email);
    await changeEmail(askers.forFree, fresh().email);
  }
  expect(await told(known)).toEqual(await told(unknown));
  const area = await areaBetween(timeOf(known), timeOf(unknown));
  expect(area).toBeGreaterThan(0.4);
  expect(area).toBeLessThan(0.6);
});

test('a lock is answered alike for a known address and an unknown one, and takes as long as a wrong password', async () => {
  const locked = (who: { email: string }) => tryLogin(gatehouse, who, WRONG, { client: lockedClient });
  const known = await told(() => locked(owner));
  expect(known).toMatchObject({ status: 429, body: { code: 'login_locked' }, trips: 2 });
  expect(known).toEqual(await told(() => locked(nobody)));
  const area = await areaBetween(
    timeOf(() => locked(owner)),
    timeOf(() => tryLogin(gatehouse, fresh(), WRONG)),
  );
  expect(area).toBeGreaterThan(0.4);
  expect(area).toBeLessThan(0.6);
});

test('the measure would notice one ring, one trip and one hash', async () => {
  expect(await told(() => forgot(fresh().email))).toMatchObject({ rings: 1, trips: 1 });
  expect(await told(() => tryCode(open.id))).toMatchObject({ rings: 0, trips: 1 });
  const times = async (count: number, ask: () => Promise<Answer>) => {
    const all = [];
    for (let time = 0; time < count; time++) all.push(await timeOf(ask)());
    return all;
  };
  const oneTrip = await times(12, () => tryCode(crypto.randomUUID()));
  const none = await times(12, () => gatehouse.post('/logout', { refreshToken: 'not one of ours' }));
  expect(auc(oneTrip, none)).toBeGreaterThan(0.75);

  // Two trips each; the right password is hashed once more, for the new address.
  const twoHashes = await times(8, () => changeEmail(askers.forFree, fresh().email));
  const oneHash = await times(8, () => changeEmail({ ...askers.forFree, password: WRONG }, fresh().email));
  expect(auc(twoHashes, oneHash)).toBeGreaterThan(0.75);
});
