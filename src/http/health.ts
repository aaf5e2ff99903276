/**
 * /health/live: the Worker runs and its configuration was accepted. It asks no dependency. /health/ready and /health:
 * all checks of `checksOf` succeeded in time. An answer has only their names and `ok` or `down`. It is kept for some
 * seconds, and an isolate runs one probe at a time. So a probe, which anyone may send, costs little, and many probes
 * do not overload a slow dependency.
 */
import type { Hono } from 'hono';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { shared } from '../lib/shared.ts';
import { Refusal } from '../refusal.ts';
import { probe as probeDatabase } from '../store/health.ts';
import type { AppContext, AppEnv } from './context.ts';

/** How long one check may take. One that rejects or takes longer is `down`. */
const LIMIT_MS = 1_000;

type Checks = Record<string, 'ok' | 'down'>;

/**
 * The checks of readiness. Each one rejects, or gives false, when it is down. Mail that waits too long means that the
 * queue, the jobs Worker or Resend is down. Passkeys of another domain mean that RP_ID was changed, and that nobody can
 * log in with them. The same query is the check of the database.
 */
function checksOf({ db, limiter, config, now }: Deps): Record<string, Promise<boolean>> {
  const asked = probeDatabase(db, relyingParty(config).rpId);
  const probe = { name: 'health', key: 'probe', count: 1_000_000, seconds: 60 };
  return {
    database: asked.then(() => true),
    redis: limiter.take([probe]).then((standing) => standing !== 'down'),
    mail: asked.then(
      ({ oldestMailOwed: since }) =>
        since === null || now().getTime() - since.getTime() < config.mailBacklogSeconds * 1_000,
    ),
    passkeys: asked.then(({ hasLostPasskeys }) => !hasLostPasskeys),
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
