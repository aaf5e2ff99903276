/** A browser, as far as HTTP sees one: the headers it sends from a page of an allowed origin, and its cookies. */
import { expect } from 'vitest';
import { type Answer, type Gatehouse, startStill } from './gatehouse.ts';
import { type Person, resident } from './person.ts';

export const ORIGIN = 'https://app.example.com';

export type Cookie = { value: string; attributes: string[] };

export function cookiesOf({ headers }: Answer): Record<string, Cookie> {
  return Object.fromEntries(
    headers.getSetCookie().map((line) => {
      const [pair = '', ...attributes] = line.split('; ');
      const [name, value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      return [name, { value, attributes: attributes.sort() }];
    }),
  );
}

/** The cookies a browser holds after an answer (RFC 6265 section 5.3; Clear Site Data section 3). */
export function keptAfter(answer: Answer, jar: Record<string, Cookie>): Record<string, Cookie> {
  const isCleared = answer.headers.get('Clear-Site-Data')?.includes('"cookies"');
  const held = Object.entries({ ...(!isCleared && jar), ...cookiesOf(answer) });
  return Object.fromEntries(held.filter(([, { attributes }]) => !attributes.includes('Max-Age=0')));
}

export const browser = (cookies: Record<string, Cookie> = {}, headers: Record<string, string> = {}) => ({
  headers: {
    Origin: ORIGIN,
    'X-Gatehouse-Transport': 'cookie',
    'Sec-Fetch-Site': 'same-site',
    ...(Object.keys(cookies).length > 0 && {
      Cookie: Object.entries(cookies)
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; '),
    }),
    ...headers,
  },
});

export const startAllowing = (settings: Record<string, string> = {}, start = startStill) =>
  start({ ALLOWED_ORIGINS: `https://other.example.com, ${ORIGIN}`, ...settings });

export async function signedIn(
  gatehouse: Gatehouse,
): Promise<{ who: Person; answer: Answer; jar: Record<string, Cookie> }> {
  const who = await resident(gatehouse);
  const { email, password } = who;
  const answer = await gatehouse.post('/login', { email, password }, browser());
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return { who, answer, jar: cookiesOf(answer) };
}
