/**
 * /health/live: the Worker runs and its configuration was accepted; it asks nothing of any dependency.
 * /health/ready and /health: everything in `checksOf` answered in time. Names and `ok` or `down` are all that is
 * told, and a verdict is kept for seconds, so that a probe anyone may send costs nothing to repeat.
 */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Deps } from '../deps.ts';
import { Refusal } from '../refusal.ts';
import { oldestMailOwed } from '../store/health.ts';
import type { AppContext, AppEnv } from './context.ts';
import { answersOf } from './operation.ts';

/** What one check may take; one that rejects or takes longer is down. */
const LIMIT_MS = 1_000;

type Verdict = { at: number; checks: Record<string, 'ok' | 'down'> };

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

const state = z.enum(['ok', 'down']);
const verdict = z.object({ checks: z.object({ database: state, redis: state, mail: state }) });

export function mountHealth(app: OpenAPIHono<AppEnv>): void {
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
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/health/live',
    summary: 'Whether the service runs',
    description: 'Asks nothing of any dependency: for a probe that restarts or removes what does not run.',
    responses: answersOf('Alive.', z.null(), ['internal_error']),
  });
  for (const path of ['/health/ready', '/health']) {
    app.get(path, readiness);
    app.openAPIRegistry.registerPath({
      method: 'get',
      path,
      summary: 'Whether the service can do its work',
      description: `Asks the database, Redis and the mail backlog, each for a second at most, and repeats the verdict
        for a few seconds. 503 while any of them is \`down\`: its \`checks\` say which.`,
      responses: answersOf('Ready.', verdict, ['service_unavailable', 'internal_error']),
    });
  }
}

async function judge(deps: Deps): Promise<Verdict['checks']> {
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
