/** What every request has: its dependencies, its sender, and an id that logs, events and answers share. */
import type { Context, MiddlewareHandler } from 'hono';
import { v4 as uuidv4 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { ApiBindings } from '../config/bindings.ts';
import type { Deps } from '../deps.ts';
import { type ClientNetwork, clientNetwork } from '../lib/client-network.ts';
import { faultOf } from '../lib/fault.ts';
import { preferredLanguage } from '../lib/locale.ts';
import { writeLog } from '../ports/log.ts';
import type { TripMeter } from '../store/db.ts';

export type AppEnv = {
  Bindings: ApiBindings;
  Variables: { deps: Deps; caller: Caller; meter: TripMeter; network: ClientNetwork | undefined };
};
export type AppContext = Context<AppEnv>;

/** Makes the dependencies of one request. `after` is its `waitUntil`, `meter` counts its trips to the database. */
export type Wiring = (after: Deps['after'], meter: TripMeter, requestId: string) => Deps;

const MAX_USER_AGENT = 200;
const MAX_PLACE = 100;

export const requestContext = (wiring: Wiring): MiddlewareHandler<AppEnv> =>
  async function requestContext(c, next) {
    // Set by Cloudflare's edge. A client can put anything into all other forwarding headers.
    const network = clientNetwork(c.req.header('CF-Connecting-IP') ?? '');
    c.set('network', network);
    const caller: Caller = {
      client: network?.client ?? null,
      userAgent: c.req.header('User-Agent')?.slice(0, MAX_USER_AGENT) ?? null,
      place: placeOf(c.req.raw.cf),
      locale: preferredLanguage(c.req.header('Accept-Language')),
      requestId: rayId(c.req.header('CF-Ray')) ?? uuidv4(),
      trace: { events: [] },
    };
    const meter = { trips: 0, ms: 0 };
    // What fails after the answer is only logged: no client is waiting, and the change itself is in the database.
    const after = (work: Promise<unknown>) => c.executionCtx.waitUntil(work.catch(failedAfter));
    const deps = wiring(after, meter, caller.requestId);
    const failedAfter = (error: unknown) =>
      writeLog(deps.config.logLevel, 'error', {
        event: 'after.failed',
        requestId: caller.requestId,
        fault: faultOf(error),
      });
    c.set('caller', caller);
    c.set('meter', meter);
    c.set('deps', deps);
    await next();
  };

/** Cloudflare finds it by the address of the client. Null when it does not know, and outside of its network. */
const placeOf = (cf: Request['cf']) =>
  [cf?.city, cf?.country]
    .filter((part) => typeof part === 'string')
    .join(', ')
    .slice(0, MAX_PLACE) || null;

const rayId = (header: string | undefined) =>
  header && /^[A-Za-z0-9-]{8,40}$/.test(header) ? header : undefined;
