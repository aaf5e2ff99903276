/**
 * One JSON line for a fault nobody foresaw. Only named fields are written: the message of a database error
 * quotes the statement and its parameters, so of an error only class, SQLSTATE and stack frames are kept.
 */
import { routePath } from 'hono/route';
import { sqlState } from '../store/db.ts';
import type { AppContext } from './context.ts';

export function logFault(error: Error, c: AppContext): void {
  console.error(
    JSON.stringify({
      level: 'error',
      event: 'request.fault',
      requestId: c.get('caller').requestId,
      method: c.req.method,
      route: routePath(c, -1),
      error: error.name,
      cause: error.cause instanceof Error ? error.cause.name : undefined,
      sqlState: sqlState(error),
      frames: error.stack
        ?.split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 8),
    }),
  );
}
