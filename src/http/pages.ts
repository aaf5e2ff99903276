/**
 * The pages for people (pages/): one shell, one style file, one module, all served by this Worker itself. They use the
 * public API like any other page. Without PAGES nothing of them is there, and every request passes through here, so
 * the asset router cannot serve them either.
 */
import { createHash } from 'node:crypto';
import type { Hono, MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { BrandColours } from '../config/brand.ts';
import type { ApiConfig } from '../config/read.ts';
import { mailLanguages } from '../config/settings/mail.ts';
import { Refusal } from '../refusal.ts';
import { asset, KEEP, KEEP_FOREVER } from './asset.ts';
import type { AppContext, AppEnv } from './context.ts';
import type { PageSettings } from './page-settings.ts';
import { allowedReturn } from './return-to.ts';
import { apiHeaders, pageHeaders } from './shield.ts';

/** The paths of mailed links are among them (mail/compose.ts). */
export const pagePaths = [
  '/login',
  '/signup',
  '/verify-email',
  '/forgot-password',
  '/reset-password',
  '/account',
  '/cancel-email-change',
  '/was-this-you',
];

export function mountPages(app: Hono<AppEnv>): void {
  app.get('/', apiHeaders, onlyIfPagesAreServed, (c) => c.redirect('/login'));
  // W3C, A Well-Known URL for Changing Passwords.
  app.get('/.well-known/change-password', apiHeaders, onlyIfPagesAreServed, (c) =>
    c.redirect('/account#change-password'),
  );
  // W3C, A Well-Known URL for Passkey Endpoints: password managers ask the host that is the RP_ID.
  app.get('/.well-known/passkey-endpoints', apiHeaders, onlyIfPagesAreServed, (c) => {
    const passkeys = new URL('/account#logging-in', c.get('deps').config.issuer).href;
    return c.json({ enroll: passkeys, manage: passkeys });
  });
  for (const path of pagePaths) app.get(path, pageHeaders, onlyIfPagesAreServed, shell);
  app.get('/pages/look.css', apiHeaders, onlyIfPagesAreServed, etag(), look);
  app.get('/brand/*', apiHeaders, onlyIfPagesAreServed, (c) => asset(c, KEEP));
  // Their names change with their content (dev/pages.ts).
  app.get('/pages/*', apiHeaders, onlyIfPagesAreServed, (c) => asset(c, KEEP_FOREVER));
}

const onlyIfPagesAreServed: MiddlewareHandler<AppEnv> = async function onlyIfPagesAreServed(c, next) {
  const { pages, environment } = c.get('deps').config;
  if ((pages ?? (environment === 'local' ? 'on' : 'off')) === 'off') throw new Refusal('not_found');
  await next();
};

async function shell(c: AppContext): Promise<Response> {
  const { config } = c.get('deps');
  const settings = settingsOf(c, config);
  const values: Record<string, string> = {
    settings: JSON.stringify(settings),
    product: settings.product,
    logo: settings.logo,
    language: settings.language,
    brand: createHash('sha256').update(brandBlock(config)).digest('hex').slice(0, 8),
  };
  const found = await c.env.ASSETS.fetch(new URL('/shell', c.req.url));
  const html = (await found.text()).replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
    escaped(values[name] ?? ''),
  );
  return c.body(html, 200, { 'Content-Type': 'text/html; charset=utf-8' });
}

function settingsOf(c: AppContext, config: ApiConfig): PageSettings {
  return {
    product: config.productName,
    logo: `/brand/${config.brandLogo}`,
    language: languageFor(c.get('caller').locale, config),
    support: config.supportUrl,
    terms: config.termsUrl,
    privacy: config.privacyUrl,
    returnTo: allowedReturn(config.returnUrls, c.req.query('returnTo')),
    password: {
      min: config.passwordMinLength,
      max: config.passwordMaxLength,
      isCheckedForLeaks: config.breachUrl !== undefined,
    },
    code: {
      seconds: config.verificationCodeSeconds,
      tries: config.verificationCodeTries,
      resends: config.verificationResends,
    },
    resetSeconds: config.resetLinkSeconds,
    undoSeconds: config.emailUndoSeconds,
  };
}

function languageFor(locale: string | undefined, { mailLanguage }: ApiConfig): string {
  const wanted = locale?.split('-', 1)[0];
  return mailLanguages.find((one) => one === wanted) ?? mailLanguage;
}

/** The one style file, with the colours of this deployment at its end. */
async function look(c: AppContext): Promise<Response> {
  const found = await c.env.ASSETS.fetch(new URL('/pages/look.css', c.req.url));
  return c.body((await found.text()) + brandBlock(c.get('deps').config), 200, {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': KEEP_FOREVER,
  });
}

function brandBlock({ brandLight, brandDark, brandRadius }: ApiConfig): string {
  const scheme = (name: string, colours: BrandColours | undefined) =>
    colours === undefined ? '' : `@media (prefers-color-scheme:${name}){:root{${properties(colours)}}}`;
  return `:root{--radius:${brandRadius}px}${scheme('light', brandLight)}${scheme('dark', brandDark)}\n`;
}

const properties = (colours: BrandColours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${value}`)
    .join(';');

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
