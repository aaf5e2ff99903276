/**
 * The binding ASSETS of the API Worker: the files of dev/assets.ts by the rules that wrangler.toml names,
 * `html_handling = "drop-trailing-slash"` and no page for what is missing. With `run_worker_first` the Worker has judged
 * each request before. Only files of the manifest, which the build makes, are ever opened.
 */
type Env = { FILES: Fetcher; MANIFEST: Record<string, { type: string; hash: string } | undefined> };

const HTML = '.html';

export default {
  async fetch(request: Request, { FILES, MANIFEST: files }: Env): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405 });
    const { origin, pathname, search } = new URL(request.url);
    const path = decoded(pathname);
    const page = path.endsWith(HTML) ? path.slice(0, -HTML.length) : path.replace(/(?<=.)\/$/, '');
    if (page !== path && files[page + HTML]) return Response.redirect(origin + page + search, 307);
    const name = files[path] ? path : path + HTML;
    const file = files[name];
    if (file === undefined) return new Response(null, { status: 404 });
    const headers = {
      'Content-Type': file.type,
      ETag: `"${file.hash}"`,
      'Cache-Control': 'public, max-age=0, must-revalidate',
    };
    if (matches(request.headers.get('If-None-Match'), file.hash))
      return new Response(null, { status: 304, headers });
    const { body } = await FILES.fetch(`http://files${name}`);
    return new Response(request.method === 'HEAD' ? null : body, { headers });
  },
};

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** RFC 9110 section 13.1.2: a weak comparison. */
const matches = (header: string | null, hash: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${hash}"`);
