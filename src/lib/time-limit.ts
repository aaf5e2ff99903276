/**
 * A time limit for a request to a dependency, body included. A hash blocks the only thread of the isolate. A timer
 * that becomes due during a hash fires right after it, before an answer that has already arrived is delivered. So when
 * the time is over, the limit waits for one more turn of the event loop, in which that answer is delivered.
 */

type TimeLimit = {
  /** Aborts with a `TimeoutError` once the time is over. */
  signal: AbortSignal;
  /** Call it when the answer has arrived. */
  end(): void;
};

export type StartTimeLimit = (ms: number) => TimeLimit;

export const startTimeLimit: StartTimeLimit = (ms) => {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('no answer in time', 'TimeoutError'));
  let timer = setTimeout(() => {
    timer = setTimeout(abort, 0);
  }, ms);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
};
