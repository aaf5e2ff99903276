import { expect, test } from 'vitest';
import { gettersOnce } from '../../src/lib/getters-once.ts';

const madeBy = () => {
  const made: string[] = [];
  const object = gettersOnce({
    plain: 1,
    get lazy() {
      made.push('lazy');
      return { of: this.plain };
    },
  });
  return { made, object };
};

test('a getter is not called before its property is read', () => {
  const { made, object } = madeBy();
  expect(object.plain).toBe(1);
  expect(Object.keys(object)).toEqual(['plain', 'lazy']);
  expect(made).toEqual([]);
});

test('it is called once, and its value stays the same', () => {
  const { made, object } = madeBy();
  const first = object.lazy;
  expect(first).toEqual({ of: 1 });
  expect(object.lazy).toBe(first);
  expect({ ...object }.lazy).toBe(first);
  expect(made).toEqual(['lazy']);
});

test('a getter that fails is called again', () => {
  let tries = 0;
  const object = gettersOnce({
    get lazy() {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return tries;
    },
  });
  expect(() => object.lazy).toThrow('not yet');
  expect(object.lazy).toBe(2);
});
