/** The verifier as middleware of Hono. */
import type { Context, MiddlewareHandler } from 'hono';
import {
  requireFresh as judgeFresh,
  requireMfa as judgeMfa,
  type Session,
  type Verifier,
  VerifyError,
} from './index.ts';
import type { After } from './kept.ts';

export type Authenticated = { Variables: { session: Session } };

/** Lets requests with a live access token pass, whose session is then `c.get('session')`; answers all others 401. */
export const authenticated = (verifier: Verifier): MiddlewareHandler<Authenticated> =>
  answering(async (c) => {
    const [, token] = /^Bearer +([\w.-]+) *$/i.exec(c.req.header('Authorization') ?? '') ?? [];
    if (token === undefined) throw new VerifyError('invalid_token', 'there is none');
    c.set('session', await verifier.verify(token, afterOf(c)));
  });

/** After `authenticated`: the person must have logged in within so many seconds. */
export const requireFresh = (seconds: number): MiddlewareHandler<Authenticated> =>
  answering(async (c) => judgeFresh(c.get('session'), seconds));

/** After `authenticated`: the person must have logged in with two factors. */
export const requireMfa: MiddlewareHandler<Authenticated> = answering(async (c) =>
  judgeMfa(c.get('session')),
);

function answering(judge: (c: Context<Authenticated>) => Promise<void>): MiddlewareHandler<Authenticated> {
  return async (c, next) => {
    try {
      await judge(c);
    } catch (error) {
      if (error instanceof VerifyError) return error.toResponse();
      throw error;
    }
    await next();
  };
}

/** Outside Workers there is no execution context, and reading it throws. */
function afterOf(c: Context): After | undefined {
  try {
    const context = c.executionCtx;
    return (work) => context.waitUntil(work);
  } catch {
    return undefined;
  }
}
