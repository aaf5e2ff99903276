/**
 * Postgres and the queue down, slow and flapping while people are in the middle of everything: every answer comes
 * within 3 s, nothing is half-written, and what was accepted is there once all is well again.
 */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { ApiBindings } from '../../src/env.ts';
import { linesOf } from '../support/console.ts';
import { clearFault, query, fault as setFault } from '../support/control-client.ts';
import { type Answer, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, person, signUp } from '../support/person.ts';

const LIMIT_MS = 3_000;

async function timed(call: () => Promise<Answer>): Promise<Answer> {
  const started = performance.now();
  const answer = await call();
  expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  return answer;
}

/** Someone at every point of the journey, and what each would do next. */
async function everyone(gatehouse: Gatehouse) {
  const newcomer = person('newcomer');
  const pending = await signUp(gatehouse, person('pending'));
  const forgetful = await signUp(gatehouse, person('forgetful'));
  const [ada, eve, bob] = [await loggedIn(gatehouse), await loggedIn(gatehouse), await loggedIn(gatehouse)];
  const calls = {
    signup: () => gatehouse.post('/signup', newcomer),
    verify: () => gatehouse.post('/verify-email', { id: pending.id, code: codeIn(pending.mail) }),
    resend: () => gatehouse.post('/verify-email/resend', { id: forgetful.id }),
    login: () => login(gatehouse, ada),
    refresh: () => gatehouse.post('/refresh', { refreshToken: ada.refreshToken }),
    me: () => gatehouse.get('/me', { token: eve.accessToken }),
    logout: () => gatehouse.post('/logout', { refreshToken: bob.refreshToken }),
  };
  return { newcomer, calls };
}

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

test.each([
  ['down', { fail: 'refuse' }],
  ['hanging', { fail: 'hang' }],
  ['out of connections', { fail: '53300' }],
] as [string, Parameters<typeof setFault>[1]][])(
  'Postgres %s: each endpoint says 503 in time, nothing is written, and all goes on once it is back',
  async (_, kind) => {
    const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
    const { newcomer, calls } = await everyone(gatehouse);
    await setFault(gatehouse.name, kind);
    const answers = await Promise.all(Object.values(calls).map((call) => timed(call)));
    for (const { status, body, headers } of answers) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'service_unavailable' });
      expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    }
    await clearFault(gatehouse.name);
    expect(await partsOf(newcomer.email)).toEqual(whole(0));
    for (const [name, call] of Object.entries(calls)) expect((await call()).status, name).toBe(200);
    expect(await partsOf(newcomer.email)).toEqual(whole(1));
  },
);

test('Postgres 10 s late: each endpoint gives up in time; what lands later lands whole, and a second try is safe', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
  const { newcomer, calls } = await everyone(gatehouse);
  await setFault(gatehouse.name, { delayMs: 10_000 });
  const answers = await Promise.all(Object.values(calls).map((call) => timed(call)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  await clearFault(gatehouse.name);
  expect(await partsOf(newcomer.email)).toEqual(whole(0));
  await expect.poll(() => partsOf(newcomer.email), { timeout: 15_000 }).toEqual(whole(1));
  // The refresh has landed too: the token that was sent again is answered with the same successor.
  for (const name of ['signup', 'login', 'refresh', 'refresh', 'me', 'logout'] as const)
    expect((await calls[name]()).status, name).toBe(200);
  expect((await calls.verify()).body.code).toBe('invalid_code');
  expect(await partsOf(newcomer.email)).toEqual(whole(2));
});

test('Postgres half as slow as allowed: two trips do not add up past the limit', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
  const ada = await loggedIn(gatehouse);
  await setFault(gatehouse.name, { delayMs: 1_300 });
  expect((await timed(() => login(gatehouse, ada))).status).toBe(503);
  expect((await timed(() => gatehouse.get('/me', { token: ada.accessToken }))).status).toBe(200);
});

test('Postgres flapping: whoever tries again gets through, each answer in time', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
  const ada = person('flapping');
  let flapping = true;
  const flap = (async () => {
    for (let turn = 0; flapping; turn++) {
      await (turn % 2 === 0 ? setFault(gatehouse.name, { fail: 'refuse' }) : clearFault(gatehouse.name));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await clearFault(gatehouse.name);
  })();
  let refused = 0;
  async function insist(call: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await timed(call);
      if (answer.status !== 503) return answer;
      refused += 1;
    }
    throw new Error('never got through');
  }
  const { id } = (await insist(() => gatehouse.post('/signup', ada))).body.data;
  const mail = await nextMessageTo(ada.email);
  expect((await insist(() => gatehouse.post('/verify-email', { id, code: codeIn(mail) }))).status).toBe(200);
  const { refreshToken } = (await insist(() => login(gatehouse, ada))).body.data;
  const successors = new Set<string>();
  for (let round = 0; round < 10; round++)
    successors.add((await insist(() => gatehouse.post('/refresh', { refreshToken }))).body.data.refreshToken);
  flapping = false;
  await flap;
  expect(refused).toBeGreaterThan(0);
  expect(successors.size).toBe(1);
  expect(await partsOf(ada.email)).toEqual(whole(1));
});

test.each(['down', 'slow'])(
  'the queue %s: the answer is the same, and the mail is owed in the database',
  async (kind) => {
    const gatehouse = startGatehouse();
    const ada = person('queueless');
    const queue = (env as unknown as ApiBindings).MAIL_QUEUE;
    const send = queue.send;
    queue.send = () => (kind === 'down' ? Promise.reject(new Error('down')) : new Promise(() => {}));
    try {
      const request = new Request('http://localhost:8787/api/v1/auth/signup', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(ada),
      });
      const waiting: Promise<unknown>[] = [];
      const { answer, lines } = await linesOf(async () => {
        const response = await gatehouse.answerOnly(request, waiting);
        if (kind === 'down') await Promise.all(waiting);
        return response;
      });
      expect(answer.status).toBe(200);
      expect(lines.map((line) => JSON.parse(line).event)).toEqual(
        kind === 'down' ? ['mail.enqueue_failed'] : [],
      );
      const mails = await query(
        'SELECT o.status FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1',
        [ada.email],
      );
      expect(mails).toEqual([{ status: 'pending' }]);
      expect(await messagesTo(ada.email)).toEqual([]);
    } finally {
      queue.send = send;
    }
  },
);
