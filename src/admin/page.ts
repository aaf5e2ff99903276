/**
 * The page for operators (pages/src/admin/), to whoever has proven to be one. Its files say nothing about anybody, and
 * still nobody gets one without the JWT of Access: what is not there cannot be studied.
 */

/** What every answer of this door says to the browser; data must not be shown as a page. */
export const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** As for the pages for people (http/shield.ts), and no form that the browser itself could send. */
const PAGE_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src 'self'; " +
  "style-src 'self'; connect-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'; trusted-types 'none'";

/** By the names that dev/pages.ts gives. */
const FILE = /^\/(pages|brand)\/[\w.-]+$/;

/** Undefined where no file of the page is. */
export async function pageFile(
  { method, headers }: Request,
  { origin, pathname, search }: URL,
  operator: string,
  assets: Fetcher,
): Promise<Response | undefined> {
  if (method !== 'GET') return undefined;
  if (pathname === '/') {
    const shell = await (await assets.fetch(`${origin}/shell`)).text();
    const page = shell.replace('{{operator}}', () => escaped(operator));
    const type = { 'Content-Type': 'text/html; charset=utf-8' };
    return new Response(page, { headers: { ...HEADERS, ...type, 'Content-Security-Policy': PAGE_POLICY } });
  }
  if (!FILE.test(pathname)) return undefined;
  const known = headers.get('If-None-Match');
  const found = await assets.fetch(`${origin}${pathname}${search}`, {
    headers: known === null ? {} : { 'If-None-Match': known },
  });
  if (found.status !== 200 && found.status !== 304) return undefined;
  const own = new Headers(found.headers);
  // `no-cache`: kept by the browser, and asked about each time, so that each time the JWT is asked for.
  for (const [name, value] of Object.entries({ ...HEADERS, 'Cache-Control': 'private, no-cache' }))
    own.set(name, value);
  return new Response(found.body, { status: found.status, headers: own });
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
