/** A client that refreshes, by body or by cookie, with what it holds: each keeps the token it was last given. */
import { browser, type Cookie, cookiesOf, signedIn } from './browser.ts';
import type { Answer, Gatehouse } from './gatehouse.ts';
import { loggedIn, type Person } from './person.ts';

export type Held = { refreshToken: string; deviceToken?: string | undefined };

export type Refresher = {
  who: Person;
  held: Held;
  accessToken: string;
  /** Shows a token: the one that was last kept, unless it is told another. `client` is the network it comes from. */
  show(held?: Held, client?: string): Promise<Answer>;
  /** The refresh token of an answer. */
  given(answer: Answer): string;
};

export const REFUSED = { status: 401, body: { code: 'invalid_refresh_token' } };

const fromClient = (client?: string): Record<string, string> =>
  client === undefined ? {} : { 'CF-Connecting-IP': client };

export async function bodyClient(gatehouse: Gatehouse): Promise<Refresher> {
  const { accessToken, refreshToken, deviceToken, ...who } = await loggedIn(gatehouse);
  const own = { refreshToken, deviceToken };
  return {
    who,
    held: own,
    accessToken,
    show: (held = own, client) => gatehouse.post('/refresh', held, { headers: fromClient(client) }),
    given: ({ body }) => body.data.refreshToken,
  };
}

export async function cookieClient(gatehouse: Gatehouse): Promise<Refresher> {
  const { who, answer, jar } = await signedIn(gatehouse);
  const cookieNamed = (name: string) => jar[name]?.value ?? '';
  const own = { refreshToken: cookieNamed('__Host-refresh'), deviceToken: cookieNamed('__Host-device') };
  return {
    who,
    held: own,
    accessToken: answer.body.data.accessToken,
    show: (held = own, client) => gatehouse.post('/refresh', {}, browser(jarOf(held), fromClient(client))),
    given: (answer) => cookiesOf(answer)['__Host-refresh']?.value ?? '',
  };
}

function jarOf({ refreshToken, deviceToken }: Held): Record<string, Cookie> {
  const cookie = (value: string): Cookie => ({ value, attributes: [] });
  return {
    '__Host-refresh': cookie(refreshToken),
    ...(deviceToken !== undefined && { '__Host-device': cookie(deviceToken) }),
  };
}
