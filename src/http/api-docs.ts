/**
 * The OpenAPI document and Swagger UI. Every request for one passes through this Worker (`run_worker_first`). It sets
 * all headers, and in production it serves them only where they were switched on (OWASP ASVS 5.0, 13.4.5).
 */
import type { Hono, MiddlewareHandler } from 'hono';
import { Refusal } from '../refusal.ts';
import { asset, KEEP } from './asset.ts';
import type { AppEnv } from './context.ts';
import { apiHeaders, docsHeaders } from './shield.ts';

export function mountDocs(app: Hono<AppEnv>): void {
  app.get('/openapi.json', apiHeaders, onlyIfDocsAreServed, (c) => asset(c, 'no-store'));
  app.get('/api-docs', docsHeaders, onlyIfDocsAreServed, (c) => asset(c, 'no-store'));
  app.get('/api-docs/assets/*', apiHeaders, onlyIfDocsAreServed, (c) => asset(c, KEEP));
}

const onlyIfDocsAreServed: MiddlewareHandler<AppEnv> = async function onlyIfDocsAreServed(c, next) {
  const { apiDocs, environment } = c.get('deps').config;
  if ((apiDocs ?? (environment === 'production' ? 'off' : 'on')) === 'off') throw new Refusal('not_found');
  await next();
};
