/**
 * The API Worker of the local stack: the real one, plus the cron of the jobs Worker. Locally nothing starts a cron,
 * and only the first Worker can be asked to, so it passes the call on. It is never deployed; only dev/workers.ts uses
 * it.
 */
import api from '../src/api.ts';

type Jobs = { scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown> };

export default {
  fetch: api.fetch,
  async scheduled({ cron, scheduledTime }: ScheduledController, { JOBS }: { JOBS: Jobs }) {
    await JOBS.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
  },
};
