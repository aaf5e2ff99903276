/** Says that a dependency is being done without: one JSON line a minute for each, however many requests notice. */

export type Degraded = (event: 'limiter.degraded' | 'breach.degraded') => void;

const EVERY_MS = 60_000;

/** Made once an isolate. */
export function degradedLog(): Degraded {
  const saidAt = new Map<string, number>();
  return (event) => {
    const now = performance.now();
    if (now - (saidAt.get(event) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    saidAt.set(event, now);
    console.warn(JSON.stringify({ level: 'warn', event }));
  };
}
