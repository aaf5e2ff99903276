/**
 * The mailbox page and the mails that it shows. Mails are foreign content. The page puts them only into text nodes,
 * and their HTML has a policy of its own: no scripts, no origin, no network.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { MailboxStore } from './mailbox-store.ts';

const page = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'no-referrer',
  strictTransportSecurity: false,
});

const mailHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const assets = [
  { path: '/', file: 'mailbox.html', type: 'text/html' },
  { path: '/mailbox.css', file: 'mailbox.css', type: 'text/css' },
  { path: '/mailbox.js', file: 'mailbox.js', type: 'text/javascript' },
  { path: '/delivery.js', file: 'delivery.js', type: 'text/javascript' },
  { path: '/look.css', file: '../../pages/look.css', type: 'text/css' },
  { path: '/logo.svg', file: '../../pages/brand/logo.svg', type: 'image/svg+xml' },
];

export function mailboxPage(store: MailboxStore): Hono {
  const app = new Hono();
  for (const { path, file, type } of assets) {
    const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' };
    const content = readFileSync(join(import.meta.dirname, 'mailbox', file), 'utf8');
    app.get(path, page, (c) => c.body(content, 200, headers));
  }
  app.get('/messages/:id', (c) => {
    const message = store.messages().find(({ id }) => id === c.req.param('id'));
    return message ? c.body(inNewTabs(message.mail.html), 200, mailHeaders) : c.notFound();
  });
  return app;
}

/** Links open in a new tab, as in a mail program. Inside of the frame they could not open at all. */
function inNewTabs(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, `$&${base}`) : base + html;
}
