/** `npm run fuzz`: a fuzzer that others keep, against the local stack, from the document. */
import { defineConfig } from 'vitest/config';
import { ClosingLine } from '../support/closing-line.ts';

export default defineConfig({
  test: {
    include: ['test/fuzz/fuzz.ts'],
    reporters: ['default', new ClosingLine()],
    testTimeout: 600_000,
    hookTimeout: 180_000,
  },
});
