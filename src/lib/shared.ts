/** How often those who wait for what another request looks up look for it. */
const POLL_MS = 20;

type Asker = { now(): Date; after(work: Promise<unknown>): void };
type Outcome<T> = { at: number; value: T } | { at: number; error: unknown };

type Terms<D> = {
  /** How long an outcome is everybody's, a failure too: what hangs or fails is not stormed. */
  seconds: (deps: D) => number;
  /** A look-up that is older ended with its request. */
  abandonedMs: (deps: D) => number;
};

/**
 * Looks something up for all requests of an isolate, one at a time, and keeps it for seconds. What they share is plain
 * data: a promise of one request dies with it, and another that awaits it would hang.
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
    // Whoever asked may hang up: the others still wait for it.
    deps.after(look);
    return given(await look);
  };
}

function given<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
