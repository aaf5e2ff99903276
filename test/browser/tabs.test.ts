import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import type { Person } from '../support/person.ts';
import { residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('an app of a listed origin, with cookies', () => {
  const { open, profile, complaining } = useChromium();
  const tabs = (count: number) => Promise.all(Array.from({ length: count }, () => open(place.app)));
  const cookies = async () => (await profile().cookies()).map(({ name }) => name).sort();

  test('three tabs refresh at the same time, again and again, and nobody is logged out', async () => {
    const ada = await residentAt(place);
    const [first, ...others] = (await tabs(3)) as [Page, Page, Page];
    expect((await call(first, '/login', credentials(ada))).status).toBe(200);
    expect(await cookies()).toEqual(['__Host-device', '__Host-refresh']);
    expect(await first.evaluate('document.cookie')).toBe('');

    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(
        [first, ...others].flatMap((tab) => [call(tab, '/refresh', {}), call(tab, '/refresh', {})]),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      for (const { body } of answers) expect((await me(first, body.data.accessToken)).status).toBe(200);
    }
  });

  test('a logout in one tab ends the others, keeps the device known and the cookies of everybody else', async () => {
    const ada = await residentAt(place);
    const [one, other] = (await tabs(2)) as [Page, Page];
    await profile().addCookies([{ name: 'acme', value: '1', url: place.app }]);
    const { body } = await call(one, '/login', credentials(ada));
    expect((await call(one, '/logout', {})).status).toBe(200);
    expect(await cookies()).toEqual(['__Host-device', 'acme']);
    expect(await call(other, '/refresh', {})).toMatchObject({
      status: 200,
      body: { data: { session: null } },
    });
    const read = await complaining(/401 \(Unauthorized\)/, () => me(other, body.data.accessToken));
    expect(read.status).toBe(401);

    const again = await call(other, '/login', credentials(ada));
    expect(await mailsOf(other, again.body.data.accessToken)).toEqual(['verify_email']);
    expect((await call(other, '/logout', { forgetDevice: true })).status).toBe(200);
    expect(await cookies()).toEqual(['acme']);
    const asStranger = await call(one, '/login', credentials(ada));
    expect(await mailsOf(one, asStranger.body.data.accessToken)).toEqual(['new_device', 'verify_email']);
  });

  test('a page of an origin that is not listed reads nothing and sets no cookie', async () => {
    const ada = await residentAt(place);
    const page = await open(place.stranger);
    const answer = await complaining(/CORS|ERR_FAILED/, () => call(page, '/login', credentials(ada)));
    expect(answer).toEqual({ status: 0, body: 'TypeError: Failed to fetch' });
    expect(await cookies()).toEqual([]);
  });

  const credentials = ({ email, password }: Person) => ({ email, password });

  const call = (page: Page, path: string, body: unknown) =>
    inPage(page, path, {
      method: 'POST',
      credentials: 'include',
      headers: { 'Content-Type': 'application/json', 'X-Gatehouse-Transport': 'cookie' },
      body: JSON.stringify(body),
    });

  const me = (page: Page, token: string, path = '/me') =>
    inPage(page, path, { headers: { Authorization: `Bearer ${token}` } });

  const mailsOf = async (page: Page, token: string): Promise<string[]> =>
    (await me(page, token, '/me/export')).body.data.mails.map(({ kind }: { kind: string }) => kind).sort();
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what tests assert
type Seen = { status: number; body: any };

/** Status and body as the page's own script sees them; status 0 when the browser withholds the answer. */
const inPage = (page: Page, path: string, request: object): Promise<Seen> =>
  page.evaluate(
    ({ url, request }) =>
      fetch(url, request).then(
        async (response) => ({ status: response.status, body: await response.json() }),
        (error: unknown) => ({ status: 0, body: String(error) }),
      ),
    { url: `${place.api}/api/v1/auth${path}`, request },
  );
