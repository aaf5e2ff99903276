/** What docs/decisions/0011 says of real clients, each through the front door. */
import { expect, test } from 'vitest';
import { startAllowing } from '../support/browser.ts';
import { freshClient } from '../support/gatehouse.ts';
import { eventsOf } from '../support/history.ts';
import { bodyClient, cookieClient, REFUSED } from '../support/refresher.ts';

test('a phone that changes networks while it refreshes goes on, at once or after an hour in a tunnel', async () => {
  const gatehouse = startAllowing();
  const phone = await bodyClient(gatehouse);
  const lost = phone.given(await phone.show(phone.held, freshClient()));
  expect(phone.given(await phone.show(phone.held, freshClient()))).toBe(lost);
  gatehouse.clock.travel(3_600);
  const next = phone.given(await phone.show(phone.held, freshClient()));
  expect(next).not.toBe(lost);
  expect((await phone.show({ ...phone.held, refreshToken: next }, freshClient())).status).toBe(200);
});

test('a client behind two addresses, by dual stack or a relay, is one client', async () => {
  const gatehouse = startAllowing();
  const page = await cookieClient(gatehouse);
  const addresses = ['203.0.113.9', '2001:db8:7::9', '198.51.100.20', freshClient()];
  const answers = await Promise.all(addresses.map((address) => page.show(page.held, address)));
  const [successor = '', ...others] = new Set(answers.map(page.given));
  expect(others).toEqual([]);
  expect((await page.show({ ...page.held, refreshToken: successor })).status).toBe(200);
});

test('tabs that were asleep wake together after a lost answer, or one by one, and none is logged out', async () => {
  const gatehouse = startAllowing();
  const tab = await cookieClient(gatehouse);
  await tab.show();
  gatehouse.clock.travel(8 * 3_600);
  const together = await Promise.all([tab.show(), tab.show(), tab.show()]);
  const [successor = '', ...others] = new Set(together.map(tab.given));
  expect(others).toEqual([]);
  let jar = { ...tab.held, refreshToken: successor };
  for (let hour = 0; hour < 3; hour++) {
    gatehouse.clock.travel(3_600);
    const answer = await tab.show(jar);
    expect(answer.status).toBe(200);
    jar = { ...jar, refreshToken: tab.given(answer) };
  }
});

test('an answer that overwrites a newer cookie does no harm to a client that gives up after 8 s', async () => {
  const gatehouse = startAllowing();
  const page = await cookieClient(gatehouse);
  const slow = page.given(await page.show());
  gatehouse.clock.travel(7);
  // Another tab has used the cookie that the slow answer brings, and holds a newer one: it is overwritten.
  const newer = page.given(await page.show({ ...page.held, refreshToken: slow }));
  gatehouse.clock.travel(1);
  expect(page.given(await page.show({ ...page.held, refreshToken: slow }))).toBe(newer);
  gatehouse.clock.travel(900);
  expect((await page.show({ ...page.held, refreshToken: slow })).status).toBe(200);
});

test('an answer that is waited for longer than the grace, and overwrites a newer cookie, is taken for a thief', async () => {
  const gatehouse = startAllowing();
  const page = await cookieClient(gatehouse);
  const slow = page.given(await page.show());
  gatehouse.clock.travel(11);
  await page.show();
  expect(await page.show({ ...page.held, refreshToken: slow })).toMatchObject(REFUSED);
  expect(await eventsOf(page.who.email, 'token.%')).toEqual(['token.grace', 'token.reuse_detected']);
});

test('a client without a device token has the 10 s, and is logged out by an answer that it misses later', async () => {
  const gatehouse = startAllowing();
  const script = await bodyClient(gatehouse);
  const { refreshToken } = script.held;
  const given = script.given(await script.show({ refreshToken }));
  gatehouse.clock.travel(5);
  expect(script.given(await script.show({ refreshToken }))).toBe(given);
  expect((await script.show({ refreshToken: given })).status).toBe(200);
  gatehouse.clock.travel(11);
  expect(await script.show({ refreshToken: given })).toMatchObject(REFUSED);
});
