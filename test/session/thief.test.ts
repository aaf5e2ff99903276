/** Whoever has copied a refresh token: found, and neither helped by what the API tells nor hidden by its limits. */
import { expect, test } from 'vitest';
import { startAllowing } from '../support/browser.ts';
import { query } from '../support/control-client.ts';
import type { Gatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { bodyClient, cookieClient, REFUSED, type Refresher } from '../support/refresher.ts';

const LIMITED = { status: 429, body: { code: 'rate_limited' } };
const FIVE_MINUTES = 300_000;

test('a thief in lockstep, without the device, is found the first time', async () => {
  const gatehouse = startAllowing();
  const owner = await cookieClient(gatehouse);
  const copied = owner.held.refreshToken;
  await owner.show();
  expect(await owner.show({ refreshToken: copied })).toMatchObject(REFUSED);
  expect(await eventsOf(owner.who.email, 'token.%')).toEqual(['token.reuse_detected']);
  expect(await mailsOwedTo(owner.who.email, 'refresh_token_reused')).toBe(1);
});

test("a thief with token and device is found at the owner's next refresh", async () => {
  const gatehouse = startAllowing();
  for (const start of [bodyClient, cookieClient]) {
    const owner = await start(gatehouse);
    const thief = { ...owner.held, refreshToken: owner.given(await owner.show()) };
    gatehouse.clock.travel(900);
    const own = { ...owner.held, refreshToken: owner.given(await owner.show()) };
    expect(await owner.show(thief)).toMatchObject(REFUSED);
    expect(await owner.show(own)).toMatchObject(REFUSED);
  }
});

type Listed = { lastUsedAt: string; id: string };

/** What an access token of the session reads of when its sessions were used, in the list and in the export. */
async function told(gatehouse: Gatehouse, token: string): Promise<unknown> {
  const list = await gatehouse.get('/sessions', { token });
  const whole = await gatehouse.get('/me/export', { token });
  const timesOf = (sessions: Listed[]) => sessions.map(({ id, lastUsedAt }) => [id, lastUsedAt]);
  const exported = timesOf(whole.body.data.sessions);
  return { listed: timesOf(list.body.data.sessions), exported };
}

/** The clock stands at the beginning of five minutes that no other test has in between. */
function toNextFiveMinutes({ clock }: Gatehouse): void {
  clock.travel((FIVE_MINUTES - (clock.now().getTime() % FIVE_MINUTES)) / 1_000);
}

test('neither list nor export, nor their order, changes when a session is refreshed', async () => {
  const gatehouse = startAllowing();
  const owner = await bodyClient(gatehouse);
  const { email, password, deviceToken } = { ...owner.who, ...owner.held };
  const other = (await gatehouse.post('/login', { email, password, deviceToken })).body.data;
  toNextFiveMinutes(gatehouse);
  const before = await told(gatehouse, owner.accessToken);
  let held = owner.held;
  for (let time = 0; time < 3; time++) {
    held = { ...held, refreshToken: owner.given(await owner.show(held)) };
    gatehouse.clock.travel(20);
    expect(await told(gatehouse, other.accessToken)).toEqual(before);
  }
  toNextFiveMinutes(gatehouse);
  const after = await told(gatehouse, other.accessToken);
  expect(after).not.toEqual(before);
  const { listed } = after as { listed: [string, string][] };
  // Last used first, and no more than in which five minutes that was.
  expect(Date.parse(listed[0]?.[1] ?? '') % FIVE_MINUTES).toBe(0);
  expect(Date.parse(listed[0]?.[1] ?? '')).toBeGreaterThan(Date.parse(listed[1]?.[1] ?? ''));
  // A use in these five minutes hides none of those before it.
  await owner.show(held);
  expect(await told(gatehouse, other.accessToken)).toEqual(after);
});

/** Uses up what the session may be refreshed in a minute, without a step of its generation. */
async function useUp(client: Refresher, count: number): Promise<void> {
  for (let time = 0; time < count; time++) expect((await client.show()).status).toBe(200);
}

test('a session is refreshed so often a minute, a refusal rotates nothing, and the next minute is free', async () => {
  const gatehouse = startAllowing({ SESSION_REFRESHES: '3' });
  const client = await cookieClient(gatehouse);
  await useUp(client, 3);
  const refused = await client.show();
  expect(refused).toMatchObject(LIMITED);
  const retryAfter = Number(refused.headers.get('Retry-After'));
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(60);
  gatehouse.clock.travel(retryAfter);
  await useUp(client, 3);
  expect(await client.show()).toMatchObject(LIMITED);
  expect(await endsOf(client.who.email)).toEqual([null]);
});

test('the minute of a session begins with its first refresh, and whoever is refused is told when it ends', async () => {
  const gatehouse = startAllowing({ SESSION_REFRESHES: '3' });
  const client = await cookieClient(gatehouse);
  await useUp(client, 2);
  gatehouse.clock.travel(40);
  await useUp(client, 1);
  const refused = await client.show();
  expect(refused).toMatchObject(LIMITED);
  expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(20);
  gatehouse.clock.travel(20);
  await useUp(client, 3);
});

test('of 40 refreshes at once, exactly as many as a session has are answered', async () => {
  const gatehouse = startAllowing({ SESSION_REFRESHES: '30' });
  const client = await bodyClient(gatehouse);
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.show()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
});

test('what a thief uses up hides no reuse', async () => {
  const gatehouse = startAllowing({ SESSION_REFRESHES: '3' });
  const client = await cookieClient(gatehouse);
  await useUp(client, 3);
  expect(await client.show()).toMatchObject(LIMITED);
  expect(await client.show({ refreshToken: client.held.refreshToken })).toMatchObject(REFUSED);
  expect(await endsOf(client.who.email)).toEqual(['refresh_token_reused']);
  expect(await mailsOwedTo(client.who.email, 'refresh_token_reused')).toBe(1);
});

test('what does not belong to the session spends nothing of its budget', async () => {
  const gatehouse = startAllowing({ SESSION_REFRESHES: '3' });
  const client = await cookieClient(gatehouse);
  const { refreshToken } = client.held;
  for (let time = 0; time < 10; time++)
    expect(await gatehouse.post('/refresh', { refreshToken })).toMatchObject(REFUSED);
  const spent = await query<{ refreshes: number }>(
    'SELECT refreshes FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1',
    [client.who.email],
  );
  expect(spent).toEqual([{ refreshes: 0 }]);
  await useUp(client, 3);
});
