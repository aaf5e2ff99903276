/**
 * The API Worker of the local stack: the real one, with a way to the two others. Locally nothing starts the cron of the
 * jobs Worker, and only the first Worker can be reached, so it passes both on. It is never deployed; only
 * dev/workers.ts uses it.
 */
import api from '../src/api.ts';
import type { ApiBindings } from '../src/config/bindings.ts';
import { ADMIN_PATH } from './admin-path.ts';

type Others = {
  JOBS: { scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown> };
  ADMIN: Fetcher;
};

export default {
  fetch(request: Request, bindings: ApiBindings & Others, context: ExecutionContext) {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${ADMIN_PATH}/`)) return api.fetch(request, bindings, context);
    url.pathname = url.pathname.slice(ADMIN_PATH.length);
    return bindings.ADMIN.fetch(new Request(url, request));
  },
  async scheduled({ cron, scheduledTime }: ScheduledController, { JOBS }: Others) {
    await JOBS.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
  },
};
