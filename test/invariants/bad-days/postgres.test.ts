/**
 * Postgres down, out of connections, slow and flapping while people are in the middle of everything: every answer comes
 * within 3 s, nothing is half-written, and what was accepted is there once all is well again.
 */
import { expect, test } from 'vitest';
import { linesOf } from '../../support/console.ts';
import { clearFault, query, fault as setFault } from '../../support/control-client.ts';
import { allOf, type Everyone, each, everyone, heldOf, statusesOf, timed } from '../../support/everyone.ts';
import { type Answer, freshClient, startGatehouse, startStill } from '../../support/gatehouse.ts';
import { inAHurry } from '../../support/hurry.ts';
import { loggedIn, login } from '../../support/person.ts';

const ALL_AT_ONCE = 20;
const SILENT = { LOG_LEVEL: 'silent' };

/** A sign-up is a person, a proof, a mail and an event, or it is nothing. */
const partsOf = (email: string) =>
  query<{ people: string; proofs: string; mails: string; events: string }>(
    `SELECT count(DISTINCT u.id) AS people, count(DISTINCT t.id) AS proofs, count(DISTINCT o.id) AS mails, count(DISTINCT e.id) AS events
     FROM users u LEFT JOIN verification_tokens t ON t.user_id = u.id LEFT JOIN email_outbox o ON o.user_id = u.id
       LEFT JOIN security_events e ON e.user_id = u.id AND e.kind = 'signup.requested'
     WHERE u.email = $1`,
    [email],
  );
const whole = (count: number) => [
  { people: `${count}`, proofs: `${count}`, mails: `${count}`, events: `${count}` },
];

test('Postgres down, hanging or out of connections: each endpoint says 503 in time, nothing is written, and all goes on once it is back', async () => {
  const gatehouse = startStill(SILENT);
  const all = await everyone(gatehouse);
  const held = await heldOf(all);
  for (const fail of ['refuse', 'hang', '53300', '40P01']) {
    await setFault(gatehouse.name, { fail });
    const answers = await inAHurry(gatehouse, () => allOf(all, ALL_AT_ONCE));
    for (const { status, body, headers } of Object.values(answers)) {
      expect({ status, code: body.code }, fail).toEqual({ status: 503, code: 'service_unavailable' });
      expect(Number(headers.get('Retry-After')), fail).toBeGreaterThan(0);
      expect(JSON.stringify(body), fail).not.toMatch(/postgres|neon|127\.0\.0\.1/i);
    }
  }
  for (const path of ['//health/live', '//.well-known/jwks.json', '//openapi.json'])
    expect((await gatehouse.get(path)).status, path).toBe(200);
  await clearFault(gatehouse.name);
  expect(await heldOf(all)).toEqual(held);
  expect(await partsOf(all.people.newcomer.email)).toEqual(whole(0));
  expect(statusesOf(await allOf(all))).toEqual(each(200));
  expect(await partsOf(all.people.newcomer.email)).toEqual(whole(1));
});

/** What became of the calls that write in one trip: each change beside the events and the mails that belong to it. */
const changesOf = ({ people: { bob, eve, ada, arriving }, addresses }: Everyone) =>
  query<Record<string, unknown>>(
    `SELECT name,
       (SELECT count(*)::int FROM password_reset_tokens t WHERE t.user_id = u.id) AS links,
       (SELECT count(*)::int FROM verification_tokens t WHERE t.user_id = u.id AND used_at IS NULL) AS changes,
       (SELECT count(*)::int FROM user_sessions s WHERE s.user_id = u.id AND revoked_at IS NULL) AS sessions,
       (SELECT count(*)::int FROM email_outbox o WHERE o.user_id = u.id AND kind IN ('reset_password', 'email_changed')) AS mails,
       ARRAY(SELECT kind FROM security_events e WHERE e.user_id = u.id
         AND kind NOT IN ('signup.requested', 'signup.verified', 'login.success', 'email.change_requested') ORDER BY kind) AS events
     FROM users u WHERE email = ANY($1) AND email_verified_at IS NOT NULL ORDER BY name`,
    [[bob, eve, ada, arriving].map(({ email }) => email).concat(addresses.arriving)],
  );
const BEFORE = [
  { name: 'ada', links: 0, changes: 0, sessions: 2, mails: 0, events: [] },
  { name: 'arriving', links: 0, changes: 1, sessions: 1, mails: 0, events: [] },
  { name: 'bob', links: 0, changes: 1, sessions: 1, mails: 0, events: [] },
  { name: 'eve', links: 0, changes: 0, sessions: 1, mails: 0, events: [] },
];
const LANDED = [
  {
    name: 'Eve the Second',
    links: 0,
    changes: 0,
    sessions: 1,
    mails: 0,
    events: ['logout.others', 'profile.changed'],
  },
  { name: 'ada', links: 0, changes: 0, sessions: 1, mails: 0, events: ['session.revoked'] },
  { name: 'arriving', links: 0, changes: 0, sessions: 1, mails: 2, events: ['email.changed'] },
  {
    name: 'bob',
    links: 1,
    changes: 0,
    sessions: 0,
    mails: 1,
    events: ['email.change_cancelled', 'logout', 'reset.requested'],
  },
];

/** What is there of second factors that were being added. */
async function factorsOf({ people: { unguarded, enrolling, adding } }: Everyone) {
  const of = ({ email }: { email: string }, table: string, condition = 'true') =>
    `(SELECT count(*)::int FROM ${table} t JOIN users u ON u.id = t.user_id WHERE u.email = '${email}' AND ${condition})`;
  const [row] = await query(
    `SELECT ${of(unguarded, 'verification_tokens', `purpose = 'enrol' AND used_at IS NOT NULL`)} AS proven,
       ${of(enrolling, 'totp_factors')} AS apps, ${of(adding, 'passkeys')} AS passkeys`,
  );
  return row;
}

test('Postgres too late: each endpoint gives up in time; what lands later lands whole, and a second try is safe', async () => {
  const gatehouse = startStill(SILENT);
  const all = await everyone(gatehouse);
  const { newcomer } = all.people;
  await setFault(gatehouse.name, { fail: 'late' });
  expect(statusesOf(await inAHurry(gatehouse, () => allOf(all, ALL_AT_ONCE)))).toEqual(each(503));
  expect(await partsOf(newcomer.email)).toEqual(whole(0));
  expect(await changesOf(all)).toEqual(BEFORE);
  await clearFault(gatehouse.name);

  await expect.poll(() => partsOf(newcomer.email)).toEqual(whole(1));
  await expect.poll(() => changesOf(all)).toEqual(LANDED);
  await expect.poll(() => factorsOf(all)).toEqual({ proven: 1, apps: 1, passkeys: 1 });
  // The refresh has landed too: the token that was sent again is answered with the same successor.
  expect(statusesOf(await allOf(all))).toEqual({
    ...each(200),
    'POST /change-email/confirm': 400,
    'POST /login/enrol': 400,
    'POST /factors/totp/confirm': 400,
    'POST /factors/passkeys': 400,
    'DELETE /sessions/:id': 404,
  });
  expect(await partsOf(newcomer.email)).toEqual(whole(2));
});

test('a slow first trip leaves the second one only the rest of the time: two do not add up past the limit', async () => {
  const gatehouse = startStill(SILENT);
  const ada = await loggedIn(gatehouse);
  await setFault(gatehouse.name, { delayMs: 250, times: 1, next: { fail: 'hang' } });
  const { status, waitedMs } = await inAHurry(gatehouse, () => login(gatehouse, ada));
  expect(status).toBe(503);
  // What the limit of the second trip was, not how long it took.
  expect(waitedMs).toBeLessThanOrEqual(1_760);
  await clearFault(gatehouse.name);
  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(200);
});

test('Postgres flapping: whoever tries again gets through, each answer in time', async () => {
  const gatehouse = startStill(SILENT);
  const all = await everyone(gatehouse);
  await setFault(gatehouse.name, { fail: 'refuse', rate: 0.5 });
  let refused = 0;
  async function insist(call: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await timed(call);
      if (answer.status !== 503) return answer;
      refused += 1;
    }
    throw new Error('never got through');
  }
  for (const [name, call] of Object.entries(all.calls)) expect((await insist(call)).status, name).toBe(200);
  expect(refused).toBeGreaterThan(0);
  expect(await partsOf(all.people.newcomer.email)).toEqual(whole(1));
  const successors = new Set<string>();
  for (let round = 0; round < 10; round++)
    successors.add((await insist(all.calls['POST /refresh'])).body.data.refreshToken);
  expect(successors.size).toBe(1);
});

test.each(['refuse', 'hang'])(
  'a right password is not held against anyone when Postgres fails (%s) after it was judged',
  async (fail) => {
    const gatehouse = startGatehouse({ LOGIN_TRIES: '1' });
    const from = { headers: { 'CF-Connecting-IP': freshClient() } };
    const { email, password, accessToken: token } = await loggedIn(gatehouse);
    const calls = {
      login: () => gatehouse.post('/login', { email, password }, from),
      deletion: () => gatehouse.call('DELETE', '/me', { password }, { token }),
    };
    for (const [name, call] of Object.entries(calls)) {
      await setFault(gatehouse.name, { fail, skip: 1, times: 1 });
      const { answer, lines } = await linesOf(() => inAHurry(gatehouse, call));
      expect(answer.status, name).toBe(503);
      // What takes the try back has time of its own: it would be a line of its own.
      expect(lines.map((line) => JSON.parse(line).event)).toEqual(['request']);
      expect((await call()).status, name).toBe(200);
    }
  },
);
