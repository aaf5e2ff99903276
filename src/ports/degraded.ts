/**
 * Logs that requests go on without a dependency, or without believing a backend: one JSON line a minute for each, however
 * many requests notice it.
 */

import type { ApiConfig } from '../config/read.ts';
import { writeLog } from './log.ts';

export type Degraded = (
  event: 'limiter.degraded' | 'edge_limiter.degraded' | 'breach.degraded' | 'backend_key.refused',
) => void;

const EVERY_MS = 60_000;

/** Made once for each isolate. */
export function degradedLog({ logLevel }: Pick<ApiConfig, 'logLevel'>): Degraded {
  const saidAt = new Map<string, number>();
  return (event) => {
    const now = performance.now();
    if (now - (saidAt.get(event) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    saidAt.set(event, now);
    writeLog(logLevel, 'warn', { event });
  };
}
