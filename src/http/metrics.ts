/**
 * One Analytics Engine data point for each request, where the binding exists. docs/operations.md has the columns and
 * the queries that read them. A column never changes its meaning; new ones are added.
 */
import type { AppContext } from './context.ts';
import { outcomeOf, routeOf } from './outcome.ts';

export function countRequest(c: AppContext, durationMs: number): void {
  const { trips, ms } = c.get('meter');
  const route = routeOf(c);
  c.env.METRICS?.writeDataPoint({
    indexes: [route],
    blobs: [c.req.method, route, outcomeOf(c), String(c.req.raw.cf?.colo ?? '')],
    doubles: [c.res.status, durationMs, trips, ms],
  });
}
