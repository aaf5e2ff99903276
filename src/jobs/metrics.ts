/**
 * One Analytics Engine data point for each run of the jobs Worker, each batch of mails and each mail that was given
 * up, where the binding exists. docs/monitoring/README.md has the columns. A column never changes its meaning; new
 * ones are added. No person is in it.
 */
import type { JobsEvent } from './report.ts';

/** In the order of the columns, from double1. */
const FIGURES = [
  'durationMs',
  'messages',
  'sent',
  'skipped',
  'again',
  'throttled',
  'failed',
  'dead',
  'queued',
] as const;
type Figures = Partial<Record<(typeof FIGURES)[number], number>>;

export function countWork(
  metrics: AnalyticsEngineDataset | undefined,
  event: string,
  result: 'ok' | 'fault',
  figures: Figures,
): void {
  metrics?.writeDataPoint({
    indexes: [event],
    blobs: [event, result],
    doubles: FIGURES.map((name) => figures[name] ?? 0),
  });
}

export function countEvent(metrics: AnalyticsEngineDataset | undefined, event: JobsEvent): void {
  const { event: name } = event;
  const isFault = name !== 'mail.batch' && name !== 'mail.swept';
  countWork(
    metrics,
    name,
    isFault ? 'fault' : 'ok',
    isFault ? { dead: Number(name === 'mail.dead') } : event,
  );
}
