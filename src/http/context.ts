/** What every request carries: its dependencies, who is asking, and an id that logs, events and answers share. */
import type { Context, MiddlewareHandler } from 'hono';
import { v4 as uuidv4 } from 'uuid';
import type { Deps } from '../deps.ts';
import type { ApiBindings } from '../env.ts';
import { type ClientNetwork, clientNetwork } from '../lib/client-network.ts';
import { preferredLanguage } from '../lib/locale.ts';
import type { Caller } from '../store/events.ts';

export type AppEnv = {
  Bindings: ApiBindings;
  Variables: { deps: Deps; caller: Caller; network: ClientNetwork | undefined };
};
export type AppContext = Context<AppEnv>;

/** Builds the dependencies of one request; `after` is its `waitUntil`. */
export type Wiring = (after: Deps['after']) => Deps;

const MAX_USER_AGENT = 200;
const MAX_PLACE = 100;

export const requestContext = (wiring: Wiring): MiddlewareHandler<AppEnv> =>
  async function requestContext(c, next) {
    c.set(
      'deps',
      wiring((work) => c.executionCtx.waitUntil(work)),
    );
    // Set by Cloudflare's edge; any other forwarding header is the client's own invention.
    const network = clientNetwork(c.req.header('CF-Connecting-IP') ?? '');
    c.set('network', network);
    c.set('caller', {
      client: network?.client ?? null,
      userAgent: c.req.header('User-Agent')?.slice(0, MAX_USER_AGENT) ?? null,
      place: placeOf(c.req.raw.cf),
      locale: preferredLanguage(c.req.header('Accept-Language')),
      requestId: rayId(c.req.header('CF-Ray')) ?? uuidv4(),
    });
    await next();
  };

/** Looked up by Cloudflare from the client's address; absent where it does not know, and outside its network. */
const placeOf = (cf: Request['cf']) =>
  [cf?.city, cf?.country]
    .filter((part) => typeof part === 'string')
    .join(', ')
    .slice(0, MAX_PLACE) || null;

const rayId = (header: string | undefined) =>
  header && /^[A-Za-z0-9-]{8,40}$/.test(header) ? header : undefined;
