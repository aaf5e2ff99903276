/**
 * Collects the static assets of the API Worker: the OpenAPI document; Swagger UI from node_modules, so that the API
 * docs load nothing from elsewhere and add nothing to the bundle; and the pages for people. It is the [build] command of
 * wrangler and runs before every bundle. The folder has only what is listed here. The Worker sets the headers
 * (src/http/api-docs.ts, src/http/pages.ts).
 */
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SwaggerUI } from '@hono/swagger-ui';
import { root } from '../tooling/paths.ts';
import { buildPages } from './pages.ts';

const assets = join(root, 'dist/assets');
const swaggerUi = 'api-docs/assets/swagger-ui-dist';
const swaggerUiFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'];

export function copyAssets(): void {
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(join(assets, swaggerUi), { recursive: true });
  for (const file of swaggerUiFiles) {
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', file), join(assets, swaggerUi, file));
  }
  cpSync(join(root, 'openapi/page'), join(assets, 'api-docs/assets'), { recursive: true });
  writeFileSync(join(assets, 'api-docs.html'), docsPage());
  copyFileSync(join(root, 'docs/openapi.json'), join(assets, 'openapi.json'));
  copyFileSync(join(root, 'pages/brand/logo.svg'), join(assets, 'api-docs/assets/icon.svg'));
  buildPages(assets);
}

/** The page of the library starts with an inline script, which our Content-Security-Policy refuses. */
const docsPage = () => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Gatehouse API</title>
    <link rel="icon" href="/api-docs/assets/icon.svg" type="image/svg+xml">
  </head>
  <body>${SwaggerUI({
    url: '/openapi.json',
    baseUrl: '/api-docs/assets',
    manuallySwaggerUIHtml: ({ css, js }) => `
    <div id="swagger-ui"></div>
    ${[...css, '/api-docs/assets/docs.css'].map((url) => `<link rel="stylesheet" href="${url}">`).join('')}
    ${[...js, '/api-docs/assets/docs.js'].map((url) => `<script src="${url}"></script>`).join('')}`,
  })}
  </body>
</html>
`;

if (import.meta.main) copyAssets();
