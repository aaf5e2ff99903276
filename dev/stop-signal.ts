/**
 * When to stop: at Ctrl-C, at SIGTERM, when the terminal is closed, and when npm has ended, since npm does not pass on
 * every signal.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_MS = 500;

export function untilToldToStop(): Promise<void> {
  return new Promise((stop) => {
    // Several signals, but one stop: npm repeats the Ctrl-C that the terminal has sent already.
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
