/**
 * What pages of other origins may do (Fetch standard, CORS protocol; OWASP ASVS 3.4.2 and 3.5). Origins are compared
 * whole against a list, so neither `null` nor a look-alike is ever let in, and what a page of no listed origin sends
 * changes nothing: the request is refused before it is read, not only its answer withheld.
 */
import type { MiddlewareHandler } from 'hono';
import { Refusal } from '../refusal.ts';
import type { AppContext, AppEnv } from './context.ts';
import { isAllowedOrigin } from './origin.ts';

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Gatehouse-Transport',
  'Access-Control-Max-Age': '600',
};
const EXPOSED = 'RateLimit, RateLimit-Policy, Retry-After';

export const originRule: MiddlewareHandler<AppEnv> = async function originRule(c, next) {
  // Also where no origin was sent: a cache must not give the answer for one to another.
  c.header('Vary', 'Origin', { append: true });
  const origin = c.req.header('Origin');
  if (origin !== undefined && isAllowedOrigin(c.get('deps').config, origin)) {
    c.header('Access-Control-Allow-Origin', origin);
    c.header('Access-Control-Allow-Credentials', 'true');
    c.header('Access-Control-Expose-Headers', EXPOSED);
    if (c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method'))
      return c.body(null, 204, PREFLIGHT);
  } else if (!isHarmless(c, origin)) {
    throw new Refusal('origin_not_allowed', { reason: origin === undefined ? 'cross_site' : 'origin' });
  }
  return next();
};

/** A request that changes nothing, or one that no page sent: browsers say where a page is from, other clients do not. */
function isHarmless(c: AppContext, origin: string | undefined): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return true;
  const site = c.req.header('Sec-Fetch-Site') ?? 'none';
  return origin === undefined && (site === 'none' || site === 'same-origin');
}
