import { expect, test } from 'vitest';
import { createHashQueue, type HashQueue, QueueFull } from '../../src/lib/hash-queue.ts';

const ignore = () => {};
const run = <T>(queue: HashQueue, work: () => T) => queue.enter(ignore).run(work);

test('work runs one at a time, first come first served', async () => {
  const queue = createHashQueue(10);
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((number) => run(queue, () => order.push(number))));
  expect(order).toEqual([1, 2, 3]);
});

test('one that throws does not hold up the next', async () => {
  const queue = createHashQueue(10);
  const failing = run(queue, () => {
    throw new Error('no');
  });
  const next = run(queue, () => 'yes');
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

test('one runs and the given number waits; the next is refused, and let in again when there is room', async () => {
  const queue = createHashQueue(2);
  const inside = [1, 2, 3].map((number) => run(queue, () => number));
  expect(() => queue.enter(ignore)).toThrow(QueueFull);
  expect(await Promise.all(inside)).toEqual([1, 2, 3]);
  expect(await run(queue, () => 5)).toBe(5);
});

test('a place that is left without work makes room, once', async () => {
  const queue = createHashQueue(0);
  const place = queue.enter(ignore);
  expect(() => queue.enter(ignore)).toThrow(QueueFull);
  place.leave();
  place.leave();
  queue.enter(ignore);
  expect(() => queue.enter(ignore)).toThrow(QueueFull);
});

test('every place is handed to keepAlive until it is left, also by work that fails', async () => {
  const queue = createHashQueue(10);
  const kept: Promise<unknown>[] = [];
  const failing = queue
    .enter((inside) => kept.push(inside))
    .run(() => {
      throw new Error('no');
    });
  await expect(failing).rejects.toThrow();
  const place = queue.enter((inside) => kept.push(inside));
  place.leave();
  expect(kept).toHaveLength(2);
  expect(await Promise.all(kept)).toEqual([undefined, undefined]);
});

test('between two hashes a request that came meanwhile has the turns it needs to be answered', async () => {
  const queue = createHashQueue(10);
  const order: string[] = [];
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  const request = async () => {
    for (let turns = 0; turns < 3; turns++) await turn();
    order.push('request');
  };
  const first = run(queue, () => {
    order.push('first');
    void request();
  });
  await Promise.all([first, run(queue, () => order.push('second'))]);
  expect(order).toEqual(['first', 'request', 'second']);
});
