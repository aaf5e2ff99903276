/**
 * Renders all failures, as RFC 9457 `application/problem+json`. Reasons and errors stay inside; the answer has only
 * the public code.
 */

import { faultOf } from '../lib/fault.ts';
import { Refusal, refusals } from '../refusal.ts';
import { isDatabaseUnavailable } from '../store/db.ts';
import type { AppContext } from './context.ts';
import { routeOf } from './outcome.ts';

const RETRY_AFTER = { 'Retry-After': '2' };

export function renderError(error: Error, c: AppContext): Response {
  if (error instanceof Refusal) return renderRefusal(error, c);
  if (isDatabaseUnavailable(error)) {
    return renderRefusal(new Refusal('service_unavailable', { headers: RETRY_AFTER }), c);
  }
  c.get('deps').reporter.report(faultOf(error), {
    requestId: c.get('caller').requestId,
    route: routeOf(c),
  });
  return renderRefusal(new Refusal('internal_error'), c);
}

function renderRefusal(refusal: Refusal, c: AppContext): Response {
  const { status, title } = refusals[refusal.code];
  const body = {
    type: `urn:gatehouse:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    requestId: c.get('caller').requestId,
    ...refusal.members,
  };
  return c.body(JSON.stringify(body), status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    ...challenge(refusal),
    ...refusal.headers,
  });
}

/** RFC 6750 section 3: the answer says which authentication scheme is expected. */
const challenge = ({ code }: Refusal) =>
  code === 'invalid_token' ? { 'WWW-Authenticate': 'Bearer error="invalid_token"' } : undefined;
