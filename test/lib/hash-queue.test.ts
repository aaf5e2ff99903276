import { expect, test } from 'vitest';
import { createHashQueue, QueueFull } from '../../src/lib/hash-queue.ts';

const ignore = () => {};

test('work runs one at a time, first come first served', async () => {
  const queue = createHashQueue(10);
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((number) => queue.run(() => order.push(number), ignore)));
  expect(order).toEqual([1, 2, 3]);
});

test('one that throws does not hold up the next', async () => {
  const queue = createHashQueue(10);
  const failing = queue.run(() => {
    throw new Error('no');
  }, ignore);
  const next = queue.run(() => 'yes', ignore);
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

test('one runs and the given number waits; the next is refused, and let in again when there is room', async () => {
  const queue = createHashQueue(2);
  const inside = [1, 2, 3].map((number) => queue.run(() => number, ignore));
  await expect(queue.run(() => 4, ignore)).rejects.toThrow(QueueFull);
  expect(await Promise.all(inside)).toEqual([1, 2, 3]);
  expect(await queue.run(() => 5, ignore)).toBe(5);
});

test('every turn is handed to keepAlive, also one that fails', async () => {
  const queue = createHashQueue(10);
  const kept: Promise<unknown>[] = [];
  const failing = queue.run(
    () => {
      throw new Error('no');
    },
    (turn) => kept.push(turn),
  );
  await expect(failing).rejects.toThrow();
  expect(kept).toHaveLength(1);
  await expect(kept[0]).resolves.toBeUndefined();
});
