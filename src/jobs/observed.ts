/**
 * One log line for each thing the jobs Worker is woken for, and a report when it fails in a way nobody foresaw. The
 * error goes on to the runtime, which delivers the batch again.
 */
import type { JobsConfig } from '../config/read.ts';
import { faultOf } from '../lib/fault.ts';
import { writeLog } from '../ports/log.ts';
import { sentryReporter } from '../ports/reporter.ts';
import { isDatabaseUnavailable } from '../store/db.ts';

type Context = { waitUntil(work: Promise<unknown>): void };

/** `what` names the work, like `mail.batch`; `told` are the figures it ends with. */
export async function observed(
  config: JobsConfig,
  context: Context,
  what: string,
  work: () => Promise<Record<string, number>>,
): Promise<void> {
  const started = performance.now();
  try {
    const told = await work();
    writeLog(config.logLevel, 'info', { event: what, durationMs: elapsed(started), ...told });
  } catch (error) {
    const fault = faultOf(error);
    writeLog(config.logLevel, 'error', { event: what, durationMs: elapsed(started), fault });
    if (!isDatabaseUnavailable(error)) {
      const after = (rest: Promise<unknown>) => context.waitUntil(rest);
      sentryReporter({ ...config, name: 'gatehouse-jobs' }, after).report(fault, { queue: what });
    }
    throw error;
  }
}

const elapsed = (started: number) => Math.round(performance.now() - started);
