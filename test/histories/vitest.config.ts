/** `npm run explore`: the real app in workerd, with what the tests set up, for as many histories as asked for. */
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const { EXPLORE_SEED = '1', EXPLORE_RUNS = '1000' } = process.env;

export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath: './test/wrangler.toml' },
      miniflare: { bindings: { ...inject('env'), EXPLORE_SEED, EXPLORE_RUNS } },
    })),
  ],
  test: {
    globalSetup: ['./test/support/global-setup.ts'],
    include: ['test/histories/explore.ts'],
    silent: false,
  },
});
