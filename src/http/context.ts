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
import { clientBehind } from '../token/client-claim.ts';

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
    const requestId = rayId(c.req.header('CF-Ray')) ?? uuidv4();
    const meter = { trips: 0, ms: 0 };
    // What fails after the answer is only logged: no client is waiting, and the change itself is in the database.
    const after = (work: Promise<unknown>) => c.executionCtx.waitUntil(work.catch(failedAfter));
    const deps = wiring(after, meter, requestId);
    const failedAfter = (error: unknown) =>
      writeLog(deps.config.logLevel, 'error', { event: 'after.failed', requestId, fault: faultOf(error) });
    const { network, place } = await senderOf(c, deps);
    const caller: Caller = {
      client: network?.client ?? null,
      userAgent: c.req.header('User-Agent')?.slice(0, MAX_USER_AGENT) ?? null,
      place,
      locale: preferredLanguage(c.req.header('Accept-Language')),
      requestId,
      trace: { events: [] },
    };
    c.set('network', network);
    c.set('caller', caller);
    c.set('meter', meter);
    c.set('deps', deps);
    await next();
  };

/**
 * Who sends the request: what Cloudflare's edge has set, or, from a backend with a key of ours, the person it calls for. A
 * client can put anything into all other forwarding headers. The place belongs to the connection: behind a backend it is unknown.
 */
async function senderOf(c: AppContext, { config, now, degraded }: Deps) {
  const network = clientNetwork(c.req.header('CF-Connecting-IP') ?? '');
  const claim = c.req.header('X-Gatehouse-Client');
  if (claim !== undefined && config.backendKeys !== undefined) {
    const carrier = { method: c.req.method, path: c.req.path, sender: network?.client ?? null };
    const behind = clientNetwork((await clientBehind(config.backendKeys, claim, carrier, now())) ?? '');
    if (behind) return { network: behind, place: null };
    degraded('backend_key.refused');
  }
  return { network, place: placeOf(c.req.raw.cf) };
}

/** Cloudflare finds it by the address of the client. Null when it does not know, and outside of its network. */
const placeOf = (cf: Request['cf']) =>
  [cf?.city, cf?.country]
    .filter((part) => typeof part === 'string')
    .join(', ')
    .slice(0, MAX_PLACE) || null;

const rayId = (header: string | undefined) =>
  header && /^[A-Za-z0-9-]{8,40}$/.test(header) ? header : undefined;
