/**
 * What is recorded about a request after its answer: one log line, one data point, and outside of production a
 * Server-Timing header. Each field is named here and none is free text, so nothing has to be redacted.
 */
import type { MiddlewareHandler } from 'hono';
import { faultOf } from '../lib/fault.ts';
import { type LogLevel, writeLog } from '../ports/log.ts';
import { Refusal } from '../refusal.ts';
import type { AppContext, AppEnv } from './context.ts';
import { countRequest } from './metrics.ts';
import { outcomeOf, routeOf } from './outcome.ts';

export const observed: MiddlewareHandler<AppEnv> = async function observed(c, next) {
  // In production this clock stands still while the Worker computes, so the time of a hash is not in it.
  const started = performance.now();
  await next();
  const durationMs = Math.round(performance.now() - started);
  const { config } = c.get('deps');
  writeLog(config.logLevel, levelOf(c), lineOf(c, durationMs));
  countRequest(c, durationMs);
  if (config.environment !== 'production') c.res.headers.set('Server-Timing', timingOf(c, durationMs));
};

/** Health probes, documents and pages. */
const QUIET = /^\/(health|openapi|api-docs|pages|brand)/;

function levelOf(c: AppContext): LogLevel {
  if (c.error !== undefined && !(c.error instanceof Refusal)) return 'error';
  if (c.res.status >= 500) return 'warn';
  return QUIET.test(routeOf(c)) ? 'debug' : 'info';
}

function lineOf(c: AppContext, durationMs: number): Record<string, unknown> {
  const { requestId, trace } = c.get('caller');
  const { trips, ms } = c.get('meter');
  const { error } = c;
  return {
    event: 'request',
    requestId,
    method: c.req.method,
    route: routeOf(c),
    status: c.res.status,
    code: outcomeOf(c),
    // The reason of a refusal or of an event, such as a mail that its lane held back.
    reason: (error instanceof Refusal ? error.reason : undefined) ?? trace?.reason,
    durationMs,
    dbTrips: trips,
    dbMs: Math.round(ms),
    userId: trace?.userId,
    sessionId: trace?.sessionId,
    addressHash: trace?.addressHash,
    // The security events that the statements of this request have written, by the names they are stored under.
    events: trace?.events.length ? trace.events : undefined,
    // The neighbourhood, and not the address itself.
    client: c.get('network')?.wide,
    colo: c.req.raw.cf?.colo,
    country: c.req.raw.cf?.country,
    fault: error === undefined || error instanceof Refusal ? undefined : faultOf(error),
  };
}

function timingOf(c: AppContext, durationMs: number): string {
  const { trips, ms } = c.get('meter');
  return `total;dur=${durationMs}, db;dur=${Math.round(ms)};desc="${trips} trips"`;
}
