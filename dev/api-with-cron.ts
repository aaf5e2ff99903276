/**
 * The API Worker of the local stack: the real one, and the clock of the jobs Worker. Locally nothing fires a cron
 * and only the first Worker can be told to, so it passes that on. Never deployed: dev/workers.ts alone names it.
 */
import api from '../src/api.ts';

type Jobs = { scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown> };

export default {
  fetch: api.fetch,
  async scheduled({ cron, scheduledTime }: ScheduledController, { JOBS }: { JOBS: Jobs }) {
    await JOBS.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
  },
};
