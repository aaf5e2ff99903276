/**
 * How long a request to a dependency may take, its body included. A hash holds the isolate's only thread: a timer that
 * comes due meanwhile fires as soon as the thread is free, before an answer that has long been there is handed over.
 * So a limit that is over waits for one more turn of the event loop, in which what has arrived is delivered.
 */

type TimeLimit = {
  /** Aborts with a `TimeoutError` once the time is over. */
  signal: AbortSignal;
  /** To be called when the answer is there. */
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
