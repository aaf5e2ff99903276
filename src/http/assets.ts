/**
 * The static assets of the build: the pages behind mailed links, the OpenAPI document and Swagger UI. Every request
 * for one passes through this Worker (`run_worker_first`). It sets all headers, and in production it serves the API
 * docs only where they were switched on (OWASP ASVS 5.0, 13.4.5).
 */
import type { Hono, MiddlewareHandler } from 'hono';
import { Refusal } from '../refusal.ts';
import type { AppContext, AppEnv } from './context.ts';
import { apiHeaders, docsHeaders, pageHeaders } from './shield.ts';

/** One day: these files change with a release, and keep their names. */
const KEEP = 'public, max-age=86400';

export function mountAssets(app: Hono<AppEnv>): void {
  app.get('/openapi.json', apiHeaders, onlyIfDocsAreServed, (c) => asset(c, 'no-store'));
  app.get('/api-docs', docsHeaders, onlyIfDocsAreServed, (c) => asset(c, 'no-store'));
  app.get('/api-docs/assets/*', apiHeaders, onlyIfDocsAreServed, (c) => asset(c, KEEP));
  for (const page of ['/verify-email', '/reset-password', '/cancel-email-change', '/was-this-you'])
    app.get(page, pageHeaders, (c) => asset(c, 'no-store'));
  app.get('/pages/*', apiHeaders, (c) => asset(c, KEEP));
}

const onlyIfDocsAreServed: MiddlewareHandler<AppEnv> = async function onlyIfDocsAreServed(c, next) {
  const { apiDocs, environment } = c.get('deps').config;
  if ((apiDocs ?? (environment === 'production' ? 'off' : 'on')) === 'off') throw new Refusal('not_found');
  await next();
};

async function asset(c: AppContext, cacheControl: string): Promise<Response> {
  const found = await c.env.ASSETS.fetch(c.req.raw);
  if (found.status === 404) throw new Refusal('not_found');
  const headers = new Headers(found.headers);
  headers.set('Cache-Control', cacheControl);
  return new Response(found.body, { status: found.status, headers });
}
