/**
 * Nothing tells whether an address has an account: the answers are the same, and so is the time they take. Each trip
 * to the database is made 20 ms longer, as it is across an ocean, so that one trip more or less cannot hide.
 * A new endpoint that takes an address or an id joins the table.
 */
import { beforeAll, expect, test } from 'vitest';
import { FULL_PRICE } from '../../src/lib/password-hash.ts';
import { fault, query } from '../support/control-client.ts';
import { type Answer, freshClient, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { type Person, person, resident, signUp } from '../support/person.ts';
import { areaBetween, auc } from '../support/rank.ts';

const gatehouse = startGatehouse(
  // The lock itself is a pair of its own: the others must not run into it.
  { LOGIN_STRANGER_TRIES: '1000', LOGIN_FAILURES_IN_A_ROW: '1000' },
  // A fifth of the full price is well above the noise.
  { hashPrice: { ...FULL_PRICE, p: 1 } },
);
let owner: Person;
let pending: { id: string };
const lockedClient = freshClient();
const nobody = person('nobody');

beforeAll(async () => {
  owner = await resident(gatehouse, 'owner');
  pending = await signUp(gatehouse, person('pending'));
  for (const who of [owner, nobody])
    for (let time = 0; time < 5; time++) await loginFrom(lockedClient, who.email);
  await fault(gatehouse.name, { delayMs: 20 });
}, 60_000);

const loginFrom = (client: string, email: string) =>
  gatehouse.post(
    '/login',
    { email, password: 'a wrong password' },
    { headers: { 'CF-Connecting-IP': client } },
  );

/** Gives an open sign-up its tries back, past the app and past the clock. */
const reopen = () =>
  query('UPDATE verification_tokens SET tries = 0, resends = 0 WHERE user_id = $1', [pending.id]);

type Pair = [what: string, known: () => Promise<Answer>, unknown: () => Promise<Answer>];

const pairs: Pair[] = [
  [
    'sign-up, for a taken address and a free one',
    () => gatehouse.post('/signup', { ...person('same'), email: owner.email }),
    () => gatehouse.post('/signup', person('same')),
  ],
  [
    'a wrong password, for a known address and an unknown one',
    () => loginFrom(freshClient(), owner.email),
    () => loginFrom(freshClient(), person('nobody').email),
  ],
  [
    'a forgotten password, for a known address and an unknown one',
    () => gatehouse.post('/forgot-password', { email: owner.email }),
    () => gatehouse.post('/forgot-password', { email: person('nobody').email }),
  ],
  [
    'a resend, for an open sign-up and none',
    async () => {
      await reopen();
      return gatehouse.post('/verify-email/resend', { id: pending.id });
    },
    async () => {
      await reopen();
      return gatehouse.post('/verify-email/resend', { id: crypto.randomUUID() });
    },
  ],
  [
    'a wrong code, for an open sign-up and none',
    async () => {
      await reopen();
      return gatehouse.post('/verify-email', { id: pending.id, code: '000000' });
    },
    async () => {
      await reopen();
      return gatehouse.post('/verify-email', { id: crypto.randomUUID(), code: '000000' });
    },
  ],
];

/** An answer without what differs from one call to the next whoever is asked about. */
function told({ status, headers, body }: Answer) {
  const data = body.data?.id ? { ...body.data, id: 'an id' } : body.data;
  return {
    status,
    headers: steadyHeaders({ headers }).map(([name, value]) => [
      name,
      ['retry-after', 'ratelimit'].includes(name ?? '') ? 'a number' : value,
    ]),
    body: { ...body, requestId: 'an id', data },
  };
}

test.each(pairs)(
  '%s: the same answer in the same time',
  async (_what, known, unknown) => {
    expect(told(await known())).toEqual(told(await unknown()));
    const area = await areaBetween(
      async () => (await known()).ms,
      async () => (await unknown()).ms,
    );
    expect(area).toBeGreaterThan(0.4);
    expect(area).toBeLessThan(0.6);
  },
  120_000,
);

test('a lock is answered alike for a known address and an unknown one, and takes as long as a wrong password', async () => {
  const locked = await loginFrom(lockedClient, owner.email);
  expect(locked.status).toBe(429);
  expect(told(locked)).toEqual(told(await loginFrom(lockedClient, nobody.email)));
  const area = await areaBetween(
    async () => (await loginFrom(lockedClient, owner.email)).ms,
    async () => (await loginFrom(freshClient(), person('nobody').email)).ms,
  );
  expect(area).toBeGreaterThan(0.4);
  expect(area).toBeLessThan(0.6);
}, 120_000);

test('the measure would notice one trip', async () => {
  const [ones, others]: [number[], number[]] = [[], []];
  for (let time = 0; time < 15; time++) {
    ones.push((await gatehouse.post('/verify-email', { id: pending.id, code: '000000' })).ms);
    others.push((await gatehouse.post('/logout', { refreshToken: 'not one of ours' })).ms);
  }
  expect(auc(ones, others)).toBeGreaterThan(0.9);
});
