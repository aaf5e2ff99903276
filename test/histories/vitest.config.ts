/**
 * `npm run explore`: the real app and the real Postgres, for any number of histories. In Node, with everything
 * but Postgres in one process, a history costs a third of what it costs in workerd, where the suite runs its fifty.
 */
import { defineConfig } from 'vitest/config';

const here = (file: string) => new URL(`./in-process/${file}`, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^cloudflare:(test|workers)$/, replacement: here('runtime.ts') },
      { find: /^.*\/loopback\.ts$/, replacement: here('loopback.ts') },
    ],
  },
  test: {
    globalSetup: ['./test/support/global-setup.ts'],
    setupFiles: ['./test/histories/in-process/stand-ins.ts'],
    include: ['test/histories/explore.ts'],
    silent: false,
  },
});
