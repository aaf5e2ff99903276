/** Headers of every answer. Nothing is cached unless its route allows it; nothing may be framed or sniffed. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const common = {
  strictTransportSecurity: 'max-age=63072000; includeSubDomains; preload',
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  xXssProtection: false,
} as const;

const nothing = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** For the API: an answer is data, and no browser may show it as a page. */
export const apiHeaders = secureHeaders({ ...common, contentSecurityPolicy: nothing });

/** For our own pages: their own script, style and images, calls to the same origin, and no text that becomes code. */
const ours = {
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
};
export const pageHeaders = secureHeaders({
  ...common,
  contentSecurityPolicy: {
    ...nothing,
    ...ours,
    formAction: ["'self'"],
    requireTrustedTypesFor: ["'script'"],
  },
});

/** For the API docs: Swagger UI writes markup. */
export const docsHeaders = secureHeaders({ ...common, contentSecurityPolicy: { ...nothing, ...ours } });

export const noStore: MiddlewareHandler = async function noStore(c, next) {
  await next();
  // Not by `c.header`, which makes the whole response anew.
  if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
};
