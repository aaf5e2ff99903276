/**
 * /health/live: the Worker runs and its configuration was accepted; it asks nothing of any dependency.
 * /health/ready and /health: everything in `checksOf` answered in time. Names and `ok` or `down` are all that is
 * told. A verdict is kept for seconds and an isolate looks for one at a time, so that a probe anyone may send costs
 * nothing to repeat, and a dependency that hangs is not stormed.
 */
import type { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import { shared } from '../lib/shared.ts';
import { Refusal } from '../refusal.ts';
import { oldestMailOwed } from '../store/health.ts';
import type { AppContext, AppEnv } from './context.ts';

/** What one check may take; one that rejects or takes longer is down. */
const LIMIT_MS = 1_000;

type Checks = Record<string, 'ok' | 'down'>;

/**
 * What readiness depends on: each rejects, or says false, when it is down. Mail that waits too long means that the
 * queue, its consumer or Resend is; how long it waits is also how the database is asked.
 */
function checksOf({ db, limiter, config, now }: Deps): Record<string, Promise<boolean>> {
  const oldest = oldestMailOwed(db);
  const probe = { name: 'health', key: 'probe', count: 1_000_000, seconds: 60 };
  return {
    database: oldest.then(() => true),
    redis: limiter.take([probe]).then((standing) => standing !== 'down'),
    mail: oldest.then(
      (since) => since === null || now().getTime() - since.getTime() < config.mailBacklogSeconds * 1_000,
    ),
  };
}

export function mountHealth(app: Hono<AppEnv>): void {
  const currentChecks = shared(judge, {
    seconds: ({ config }: Deps) => config.healthCacheSeconds,
    abandonedMs: () => 2 * LIMIT_MS,
  });

  async function readiness(c: AppContext): Promise<Response> {
    const deps = c.get('deps');
    const checks = await currentChecks(deps);
    if (Object.values(checks).includes('down')) {
      throw new Refusal('service_unavailable', {
        reason: 'not_ready',
        members: { checks },
        headers: { 'Retry-After': String(deps.config.healthCacheSeconds) },
      });
    }
    return c.json({ status: 200, message: 'Ready.', data: { checks } });
  }

  app.get('/health/live', (c) => c.json({ status: 200, message: 'Alive.', data: null }));
  for (const path of ['/health/ready', '/health']) app.get(path, readiness);
}

async function judge(deps: Deps): Promise<Checks> {
  const verdicts = await Promise.all(
    Object.entries(checksOf(deps)).map(
      async ([name, isUp]) => [name, (await inTime(isUp)) ? 'ok' : 'down'] as const,
    ),
  );
  return Object.fromEntries(verdicts);
}

function inTime(check: Promise<boolean>): Promise<boolean> {
  const limit = new Promise<boolean>((resolve) => setTimeout(resolve, LIMIT_MS, false));
  return Promise.race([check.catch(() => false), limit]);
}
