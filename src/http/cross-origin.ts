/**
 * What web pages of other origins may do (Fetch standard, CORS protocol; OWASP ASVS 3.4.2 and 3.5). Origins are
 * compared as a whole with a list, so neither `null` nor a look-alike is accepted. A request from a page of another
 * origin changes nothing: it is refused before its body is read, and not only hidden from the page.
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
  // Also without an origin: a cache must not give the answer for one origin to another.
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

/**
 * Whether a request cannot change anything, or was not sent by a web page. Browsers say where a page comes from; other
 * clients do not.
 */
function isHarmless(c: AppContext, origin: string | undefined): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return true;
  const site = c.req.header('Sec-Fetch-Site') ?? 'none';
  return origin === undefined && (site === 'none' || site === 'same-origin');
}
