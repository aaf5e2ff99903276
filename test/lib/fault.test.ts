import { expect, test } from 'vitest';
import { faultOf } from '../../src/lib/fault.ts';

test('the message is cut off the stack, even one that looks like frames', () => {
  const error = new TypeError('secret\n    at secret (secret.ts:1:1)\nsecret');
  const fault = faultOf(error);
  expect(fault).toMatchObject({ error: 'TypeError' });
  expect(fault.frames.length).toBeGreaterThan(0);
  expect(JSON.stringify(fault)).not.toContain('secret');
});

test('cause and SQLSTATE are told by name and code only', () => {
  const cause = Object.assign(new RangeError('secret'), { code: '23505' });
  expect(faultOf(new Error('secret', { cause }))).toMatchObject({
    error: 'Error',
    cause: 'RangeError',
    sqlState: '23505',
  });
  const named = faultOf(Object.assign(new Error('x'), { code: 'secret', name: 'secret name' }));
  expect(named).toEqual({ error: 'Error', frames: named.frames });
});

test.each([['secret'], [null], [{ message: 'secret' }]])(
  '%j, which is no error, is told without its content',
  (thrown) => {
    expect(JSON.stringify(faultOf(thrown))).not.toContain('secret');
  },
);

test('of a deep stack the eight frames nearest to the fault are told', () => {
  const frames = Array.from({ length: 20 }, (_, depth) => `at f${depth} (x.ts:1:1)`);
  const error = new Error('m');
  error.stack = ['Error: m', ...frames.map((frame) => `    ${frame}`)].join('\n');
  expect(faultOf(error).frames).toEqual(frames.slice(0, 8));
});

test('a stack that does not hold the message may hold another, and is not told', () => {
  const error = new Error('secret\n    at secret (x.ts:1:1)');
  void error.stack;
  error.message = 'of another kind';
  expect(faultOf(error).frames).toEqual([]);
});
