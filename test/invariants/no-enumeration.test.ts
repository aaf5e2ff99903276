/**
 * Nothing tells whether an address has an account: for known and unknown the answers are the same, and so is the work
 * behind them: hashes, statements, rows written, trips, rings and Redis commands. Equal work takes equal time on any
 * machine; `npm run bench:equal` looks at the clock.
 */
import { beforeAll, expect, test } from 'vitest';
import { type Answer, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { knownAndUnknown, PAIRS, type Pair, type PairName, ROOMY } from '../support/known-and-unknown.ts';

/** An id tells nothing of an address: 74 random bits, given to nobody but who signed up. The answers are equal anyway. */
const OF_NO_ADDRESS: PairName[] = [
  'a resend, for a sign-up and none',
  'a wrong code, for a sign-up and none',
];

const gatehouse = startGatehouse(ROOMY);
let pairs: Record<PairName, Pair>;

beforeAll(async () => {
  pairs = await knownAndUnknown(gatehouse);
}, 60_000);

/** The answer, without what differs from one call to the next whoever is asked about. */
function told(answer: Answer) {
  const { status, body } = answer;
  const headers = steadyHeaders(answer).map(([name, value]) => [
    name,
    ['retry-after', 'ratelimit'].includes(name ?? '') ? 'a number' : value,
  ]);
  const data = body.data?.id ? { ...body.data, id: 'an id' } : body.data;
  return { status, headers, body: { ...body, requestId: 'an id', data } };
}

async function costOf(ask: () => Promise<Answer>) {
  const { answer, work } = await gatehouse.workOf(ask);
  // Whoever comes next takes away expired counters of others: not for what is asked, and not in every request.
  for (const { deleted } of work.trips.flat()) delete deleted.failed_login_attempts;
  return { told: told(answer), work };
}

test.each(PAIRS)('%s: the same answer for the same work', async (name) => {
  const { known, unknown } = pairs[name];
  const [one, other] = [await costOf(known), await costOf(unknown)];
  expect(one.told).toEqual(other.told);
  if (OF_NO_ADDRESS.includes(name)) return;
  expect(one.work).toEqual(other.work);
});

test('a login that is locked takes the hash and the trips of a wrong password', async () => {
  const locked = await costOf(pairs['a login that is locked, for a known address and an unknown one'].known);
  const wrong = await costOf(pairs['a wrong password, for a known address and an unknown one'].known);
  expect(locked.told).toMatchObject({ status: 429, body: { code: 'login_locked' } });
  expect(locked.work.hashes).toEqual(wrong.work.hashes);
  expect(locked.work.trips.length).toBe(wrong.work.trips.length);
});

test('the measure sees each hash, row, trip, ring and Redis command', async () => {
  const { work } = await costOf(pairs['sign-up, for a taken address and a free one'].unknown);
  const [trip, ...others] = work.trips;
  expect(work).toMatchObject({ hashes: [{}], rings: 1 });
  expect(work.redis).toEqual(['evalsha']);
  expect(work.bytes).toBeGreaterThan(50);
  expect(others).toEqual([]);
  expect(trip).toMatchObject([
    { sql: expect.stringContaining('pg_advisory_xact_lock'), rows: 1, written: {} },
    { written: { users: 1, verification_tokens: 1, email_outbox: 1, security_events: 1 }, deleted: {} },
  ]);
  // A hash for the password that is right, and one for the new address.
  const change = pairs['a change of address, to a taken one and a free one'];
  const twice = (await costOf(change.known)).work;
  expect(twice.hashes.length).toBe(2);
  expect(twice.trips.length).toBe(2);
});
