/**
 * /health/live: the Worker runs and its configuration was accepted; it asks nothing of any dependency.
 * /health/ready and /health: everything in `checks` answered in time. Names and `ok` or `down` are all that is
 * told, and a verdict is kept for seconds, so that a probe anyone may send costs nothing to repeat.
 */
import type { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import { Refusal } from '../refusal.ts';
import { oldestMailOwed } from '../store/health.ts';
import type { AppContext, AppEnv } from './context.ts';

/** What one check may take; one that rejects or takes longer is down. */
const LIMIT_MS = 1_000;

type Check = { name: string; isUp(deps: Deps): Promise<boolean> };
type Verdict = { at: number; checks: Record<string, 'ok' | 'down'> };

/** What readiness depends on. Mail that waits too long means that the queue, its consumer or Resend is down. */
const checks: Check[] = [
  { name: 'database', isUp: (deps) => oldestMailOwed(deps.db).then(() => true) },
  {
    name: 'redis',
    isUp: async ({ limiter }) =>
      (await limiter.take([{ name: 'health', key: 'probe', count: 1_000_000, seconds: 60 }])) !== 'down',
  },
  {
    name: 'mail',
    async isUp({ db, config, now }) {
      const oldest = await oldestMailOwed(db);
      return oldest === null || now().getTime() - oldest.getTime() < config.mailBacklogSeconds * 1_000;
    },
  },
];

export function mountHealth(app: Hono<AppEnv>): void {
  // Plain data, which requests of one isolate may share; a promise they may not.
  let last: Verdict | undefined;

  async function readiness(c: AppContext): Promise<Response> {
    const deps = c.get('deps');
    const at = deps.now().getTime();
    if (last === undefined || at - last.at >= deps.config.healthCacheSeconds * 1_000) {
      last = { at, checks: await judge(deps) };
    }
    const { checks } = last;
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
  app.get('/health/ready', readiness);
  app.get('/health', readiness);
}

async function judge(deps: Deps): Promise<Verdict['checks']> {
  const verdicts = await Promise.all(
    checks.map(async ({ name, isUp }) => [name, (await inTime(isUp(deps))) ? 'ok' : 'down'] as const),
  );
  return Object.fromEntries(verdicts);
}

function inTime(check: Promise<boolean>): Promise<boolean> {
  const limit = new Promise<boolean>((resolve) => setTimeout(resolve, LIMIT_MS, false));
  return Promise.race([check.catch(() => false), limit]);
}
