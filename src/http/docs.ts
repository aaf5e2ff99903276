/**
 * /openapi.json, made from the endpoint declarations, and Swagger UI, served from the Worker's own assets. In production
 * they are there only where they were asked for (OWASP ASVS 5.0, 13.4.5).
 */
import { SwaggerUI } from '@hono/swagger-ui';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { SecureHeadersVariables } from 'hono/secure-headers';
import { Refusal } from '../refusal.ts';
import type { AppEnv } from './context.ts';
import { apiHeaders, docsHeaders } from './shield.ts';

export function mountDocs(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The accessToken that login or refresh gave (RFC 6750).',
  });
  app.use('/openapi.json', apiHeaders, onlyIfServed);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version: '0.1.0',
      description:
        'Auth at the edge. Successes are `{status, message, data}`; failures are `application/problem+json` ' +
        '(RFC 9457) with a stable `code`. Times are ISO 8601 UTC, ids are UUIDv7.',
    },
    servers: [{ url: '/' }],
  });
  app.get('/api-docs', docsHeaders, onlyIfServed, (c) => {
    const nonce = (c.var as SecureHeadersVariables).secureHeadersNonce;
    return c.html(page(nonce));
  });
}

const onlyIfServed: MiddlewareHandler<AppEnv> = async function onlyIfServed(c, next) {
  const { apiDocs, environment } = c.get('deps').config;
  if ((apiDocs ?? (environment === 'production' ? 'off' : 'on')) === 'off') throw new Refusal('not_found');
  await next();
};

/** The library's own page boots from an inline script without a nonce, which our CSP refuses, and has no icon. */
const page = (nonce = '') => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gatehouse API</title>
    <link rel="icon" href="/pages/icon.svg" type="image/svg+xml">
  </head>
  <body>${SwaggerUI({
    url: '/openapi.json',
    baseUrl: '/api-docs/assets',
    manuallySwaggerUIHtml: ({ css, js }) => `
    <div id="swagger-ui"></div>
    ${css.map((url) => `<link rel="stylesheet" href="${url}">`).join('')}
    ${js.map((url) => `<script src="${url}"></script>`).join('')}
    <script nonce="${nonce}">
      SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true });
    </script>`,
  })}
  </body>
</html>`;
