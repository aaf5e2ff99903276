/** A longer wait for Gatehouse is an outage. */
const TRY_MS = 2_000;

/** How often a request that waits for another one's load checks for it. */
const LOOK_MS = 20;

export type Terms = {
  /** Below this age it is used as it is. */
  freshMs: number;
  /** Above this age a request waits for a new one, unless the last try has failed. */
  waitMs: number;
  /** Between two tries. */
  retryMs: number;
};

/** Lets work continue after the answer: `waitUntil` of a Worker. */
export type After = (work: Promise<unknown>) => void;

/**
 * A document of Gatehouse that a process keeps: loaded when a request finds it old, one try at a time, and kept while it
 * cannot be loaded. There is no timer: without requests nothing is loaded. Requests share plain data and no promise,
 * because a Worker may not wait for the promise of another request.
 */
export class Kept<T> {
  value: T | undefined;
  /** When the kept one was requested. */
  askedAt: number = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private isTrying = false;
  private fault: unknown;
  private readonly load: (signal: AbortSignal) => Promise<T>;
  private readonly terms: Terms;
  private readonly now: () => number;

  constructor(load: (signal: AbortSignal) => Promise<T>, terms: Terms, now: () => number) {
    this.load = load;
    this.terms = terms;
    this.now = now;
  }

  /** Why the last try has failed; undefined when it has not. */
  get lastFault(): unknown {
    return this.fault;
  }

  /** The kept one, after a new one was loaded if it is old; undefined if none was ever loaded. */
  async get(after?: After): Promise<T | undefined> {
    const { freshMs, waitMs } = this.terms;
    const age = this.now() - this.askedAt;
    if (age < freshMs) return this.value;
    const mustWait = this.value === undefined || (age >= waitMs && this.fault === undefined);
    if (this.mayTry(this.terms.retryMs)) {
      const attempt = this.attempt();
      // Also when this request waits for it: a client that hangs up must not end it for the others.
      after?.(attempt);
      if (mustWait) await attempt;
    } else if (mustWait) await this.other();
    return this.value;
  }

  /** Loads a new one whatever the age of the kept one, but not sooner than `gapMs` after the last try. */
  async renew(gapMs: number, after?: After): Promise<T | undefined> {
    if (this.mayTry(gapMs)) {
      const attempt = this.attempt();
      after?.(attempt);
      await attempt;
    } else await this.other();
    return this.value;
  }

  private mayTry(gapMs: number): boolean {
    const since = this.now() - this.triedAt;
    // An older try ended with its request.
    return this.isTrying ? since > 2 * TRY_MS : since >= gapMs;
  }

  private async attempt(): Promise<void> {
    const askedAt = this.now();
    this.triedAt = askedAt;
    this.isTrying = true;
    try {
      this.value = await this.load(AbortSignal.timeout(TRY_MS));
      this.askedAt = askedAt;
      this.fault = undefined;
    } catch (error) {
      this.fault = error ?? new Error('no reason was given');
    } finally {
      this.isTrying = false;
    }
  }

  private async other(): Promise<void> {
    const start = Date.now();
    while (this.isTrying && Date.now() - start < TRY_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
