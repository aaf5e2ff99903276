/** The schedule of the jobs Worker: expired rows are deleted, and nothing else changes. */
import { runSchedule } from '../../src/jobs/schedule.ts';
import { DAY, forgetAccount, HOUR, type Model } from './model.ts';
import type { World } from './world.ts';

export async function sweepAll(world: World, models: Model[]): Promise<Model[]> {
  await runSchedule(world.jobs);
  return models.map((before) => {
    const m = structuredClone(before);
    for (const { id, erasedAt } of m.accounts)
      if (erasedAt !== null && erasedAt <= m.now) forgetAccount(m, id);
    m.signups = m.signups.filter(({ expiresAt }) => expiresAt >= m.now - HOUR);
    m.changes = m.changes.filter(({ expiresAt }) => expiresAt >= m.now - HOUR);
    m.undos = m.undos.filter(({ expiresAt }) => expiresAt >= m.now - HOUR);
    m.mails = m.mails.filter(({ fate, settledAt }) => fate === 'owed' || settledAt >= m.now - 30 * DAY);
    return m;
  });
}
