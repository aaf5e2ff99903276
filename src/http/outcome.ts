/** The result of a request, in words from closed lists, for logs, metrics and error reports. */
import { routePath } from 'hono/route';
import { Refusal } from '../refusal.ts';
import type { AppContext } from './context.ts';

/** The template of the route, and never the path, which can be any text of the client. */
export const routeOf = (c: AppContext): string => routePath(c, -1);

/** The public code of a refusal, `internal_error` for a fault, `ok` otherwise. */
export function outcomeOf({ error, res }: AppContext): string {
  if (error instanceof Refusal) return error.code;
  // For Hono an unknown route is no error.
  if (error === undefined) return res.status === 404 ? 'not_found' : 'ok';
  return res.status === 503 ? 'service_unavailable' : 'internal_error';
}
