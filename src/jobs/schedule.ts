/** What the jobs Worker does every minute. A fault in one part does not stop the other. */
import type { JobsDeps } from './deps.ts';
import { forget } from './forget.ts';
import { sweep } from './sweep.ts';

/** How many rows of each kind were deleted. */
export async function runSchedule(deps: JobsDeps): Promise<Record<string, number>> {
  const [swept, forgotten] = await Promise.allSettled([sweep(deps), forget(deps)]);
  if (swept.status === 'rejected') throw swept.reason;
  if (forgotten.status === 'rejected') throw forgotten.reason;
  return forgotten.value;
}
