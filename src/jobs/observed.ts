/**
 * One log line and one data point for each run of the jobs Worker, and a report when it fails unexpectedly. The error
 * goes on to the runtime, which delivers the batch again.
 */
import type { JobsConfig } from '../config/read.ts';
import { faultOf } from '../lib/fault.ts';
import { writeLog } from '../ports/log.ts';
import { sentryReporter } from '../ports/reporter.ts';
import { isDatabaseUnavailable } from '../store/db.ts';
import { countWork } from './metrics.ts';

type Context = { waitUntil(work: Promise<unknown>): void };

/** `what` names the work, such as `mail.batch`. `work` returns the figures for the log line. */
export async function observed(
  config: JobsConfig,
  context: Context,
  what: string,
  work: () => Promise<Record<string, number>>,
  metrics?: AnalyticsEngineDataset,
): Promise<void> {
  const started = performance.now();
  try {
    const figures = await work();
    const durationMs = elapsed(started);
    writeLog(config.logLevel, 'info', { event: what, durationMs, ...figures });
    countWork(metrics, what, 'ok', { durationMs, messages: figures.messages ?? 0 });
  } catch (error) {
    const fault = faultOf(error);
    const durationMs = elapsed(started);
    writeLog(config.logLevel, 'error', { event: what, durationMs, fault });
    countWork(metrics, what, 'fault', { durationMs });
    if (!isDatabaseUnavailable(error)) {
      const after = (rest: Promise<unknown>) => context.waitUntil(rest);
      sentryReporter({ ...config, name: 'gatehouse-jobs' }, after).report(fault, { queue: what });
    }
    throw error;
  }
}

const elapsed = (started: number) => Math.round(performance.now() - started);
