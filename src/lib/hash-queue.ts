/**
 * One password hash at a time per isolate, first come first served. scrypt holds the isolate's only thread
 * for its whole length, so what this adds is order, a breath between two hashes in which other requests
 * move, and a bound: past `maxWaiting` a caller is refused at once instead of waiting for a timeout.
 */

export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export type HashQueue = {
  /**
   * Runs `work` when its turn comes. `keepAlive` must keep the request's context running (`waitUntil`):
   * a client that hangs up would otherwise stop its turn midway, and everyone behind it forever.
   * @throws QueueFull
   */
  run<T>(work: () => T, keepAlive: (turn: Promise<unknown>) => void): Promise<T>;
};

export function createHashQueue(maxWaiting: number): HashQueue {
  let last: Promise<unknown> = Promise.resolve();
  let inside = 0;

  return {
    run(work, keepAlive) {
      if (inside > maxWaiting) return Promise.reject(new QueueFull());
      inside += 1;
      const turn = last
        .then(breathe)
        .then(work)
        .finally(() => {
          inside -= 1;
        });
      last = turn.catch(() => {});
      keepAlive(last);
      return turn;
    },
  };
}

const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
