/**
 * When to stop: at Ctrl-C, at a polite kill, when the terminal is closed, and when npm has died under us,
 * for npm does not pass on every way of ending it.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_MS = 500;

export function untilToldToStop(): Promise<void> {
  return new Promise((stop) => {
    // Heard more than once and acted on once: npm repeats the Ctrl-C that the terminal has already sent us.
    for (const signal of SIGNALS) process.on(signal, () => stop());
    if (process.env.npm_lifecycle_event !== undefined) onOrphaned(stop);
  });
}

function onOrphaned(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, LOOK_MS).unref();
}
