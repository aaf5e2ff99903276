/** One file of the build (dev/assets.ts), as the platform's asset router has it. */
import { Refusal } from '../refusal.ts';
import type { AppContext } from './context.ts';

/** One day: a file that changes with a release and keeps its name. */
export const KEEP = 'public, max-age=86400';
/** A file whose name, or the `v` behind it, changes with its content. */
export const KEEP_FOREVER = 'public, max-age=31536000, immutable';

export async function asset(c: AppContext, cacheControl: string): Promise<Response> {
  const found = await c.env.ASSETS.fetch(c.req.raw);
  if (found.status === 404) throw new Refusal('not_found');
  const headers = new Headers(found.headers);
  headers.set('Cache-Control', cacheControl);
  return new Response(found.body, { status: found.status, headers });
}
