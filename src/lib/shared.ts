/** How often a waiting request looks whether another one has found the answer. */
const POLL_MS = 20;

type Asker = { now(): Date; after(work: Promise<unknown>): void };
type Outcome<T> = { at: number; value: T } | { at: number; error: unknown };

type Terms<D> = {
  /** How long an outcome is kept, also a failure. So many requests do not overload what hangs or fails. */
  seconds: (deps: D) => number;
  /** An older look-up has ended with its request. */
  abandonedMs: (deps: D) => number;
};

/**
 * Looks something up for all requests of an isolate, one at a time, and keeps the outcome for some seconds. Requests
 * share plain data and no promises: a promise belongs to its request and dies with it, and another request that awaits
 * it would hang.
 */
export function shared<D extends Asker, T>(
  lookUp: (deps: D) => Promise<T>,
  { seconds, abandonedMs }: Terms<D>,
): (deps: D) => Promise<T> {
  let kept: Outcome<T> | undefined;
  let lookingSince = Number.NEGATIVE_INFINITY;

  return async (deps) => {
    const now = () => deps.now().getTime();
    const before = kept;
    if (before && now() - before.at < seconds(deps) * 1_000) return given(before);
    while (now() - lookingSince < abandonedMs(deps)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (kept && kept !== before) return given(kept);
    }
    const at = now();
    lookingSince = at;
    const look = lookUp(deps)
      .then(
        (value): Outcome<T> => ({ at, value }),
        (error: unknown): Outcome<T> => ({ at, error }),
      )
      .then((outcome) => {
        kept = outcome;
        lookingSince = Number.NEGATIVE_INFINITY;
        return outcome;
      });
    // The client may hang up while other requests still wait for the outcome.
    deps.after(look);
    return given(await look);
  };
}

function given<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
