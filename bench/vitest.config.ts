/** Benchmarks of the real app in workerd, with what the tests set up (`npm run bench:equal`). */
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath: './test/wrangler.toml' },
      miniflare: { bindings: { ...inject('env'), BENCH_ROUNDS: process.env.BENCH_ROUNDS ?? '240' } },
    })),
  ],
  test: {
    globalSetup: ['./test/support/global-setup.ts'],
    include: ['bench/{equal-answers,imported-logins}.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
