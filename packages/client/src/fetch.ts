/** `fetch` with the access token: for the APIs that were named, and no others. */
import { type Moment, msSince, now } from './clock.ts';
import type { Session } from './session.ts';

/** An API that refuses a token which was just replaced refuses all of them: for a while it gets no second request. */
const FUTILE_MS = 60_000;

export function fetchWith(session: Session, send: typeof fetch, apis: readonly string[]): typeof fetch {
  const allowed = new Set(apis.map((api) => new URL(api).origin));
  if (globalThis.location) allowed.add(location.origin);
  const futile = new Map<string, Moment>();

  return async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    if (!allowed.has(origin))
      throw new TypeError(`The access token is not for ${origin}: name it in \`apis\`.`);
    const attempt = (one: Request, token: string | undefined) => {
      if (token !== undefined) one.headers.set('Authorization', `Bearer ${token}`);
      return send(one);
    };
    const token = await session.token();
    const response = await attempt(request.clone(), token);
    const since = futile.get(origin);
    if (response.status !== 401 || token === undefined || (since && msSince(since) < FUTILE_MS))
      return response;
    const next = await session.tokenAfter(token);
    if (next === undefined) return response;
    const again = await attempt(request, next);
    if (again.status === 401) futile.set(origin, now());
    return again;
  };
}
