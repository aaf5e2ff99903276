/**
 * Runs one password hash at a time in each isolate, first come, first served. A hash blocks the only thread of the
 * isolate. The queue adds order, a pause between two hashes in which other requests proceed, and a bound: beyond
 * `maxWaiting` a request is refused at once, and does not wait for a timeout.
 */

const TURNS = 4;

export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export type HashQueue = {
  /**
   * Takes a place, before it is known what to hash. `keepAlive` must keep the context of the request running
   * (`waitUntil`) until the place is left. Otherwise a client that hangs up would keep its place for ever.
   * @throws QueueFull
   */
  enter(keepAlive: (inside: Promise<unknown>) => void): Place;
};

export type Place = {
  /** Runs `work` when its turn comes, and leaves the place. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
  /** For a request that has nothing to hash after all. Does nothing when the place was left already. */
  leave(): void;
};

export function createHashQueue(maxWaiting: number): HashQueue {
  let last: Promise<unknown> = Promise.resolve();
  let inside = 0;

  return {
    enter(keepAlive) {
      if (inside > maxWaiting) throw new QueueFull();
      inside += 1;
      const { promise: left, resolve } = Promise.withResolvers<void>();
      keepAlive(left);
      let isInside = true;
      const leave = () => {
        if (isInside) inside -= 1;
        isInside = false;
        resolve();
      };
      return {
        leave,
        run(work) {
          const turn = last.then(breathe).then(work).finally(leave);
          last = turn.catch(() => {});
          return turn;
        },
      };
    },
  };
}

/** Several turns of the event loop: a request that came meanwhile takes one to start, and others to be answered. */
async function breathe(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
}
