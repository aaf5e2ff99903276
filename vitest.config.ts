/**
 * Four kinds of test: `workers` inside workerd against the real app, `dev` for the local stack, the operator's commands
 * and the tests' own support in Node, both over one Postgres; `e2e` against whole processes, `browser` with a Chromium.
 */
import { join } from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closing-line.ts';
import { createDatabase } from './test/support/databases.ts';
import { NeverSeen } from './test/support/never-seen.ts';

/** A state is waited for as long as the test may take, and a little less, so that the failure says what did not come. */
const patience = (seconds: number) => ({
  expect: { poll: { timeout: (seconds - 10) * 1_000 } },
  testTimeout: seconds * 1_000,
  hookTimeout: seconds * 1_000,
});

export default defineConfig({
  test: {
    // At the root: inside the `workers` project it would load packages' browser builds.
    globalSetup: ['./test/support/global-setup.ts'],
    reporters: ['default', new NeverSeen(), new ClosingLine()],
    silent: 'passed-only',
    // A file waits as long as it works: four keep two cores busy. More would wait for each other at the database.
    maxWorkers: 4,
    projects: [
      {
        resolve: {
          // As in wrangler.toml, so that what is tested is what is deployed.
          alias: [
            {
              find: /^(@peculiar\/.+|reflect-metadata)$/,
              replacement: join(import.meta.dirname, 'tooling/absent-asn1.ts'),
            },
          ],
        },
        plugins: [
          // Called for each workerd that is started. The files in one come one after the other, so no test meets what
          // another one sweeps, delivers or counts at the same time.
          cloudflareTest(async ({ inject }) => ({
            wrangler: { configPath: './test/wrangler.toml' },
            miniflare: {
              bindings: { ...inject('env'), DATABASE_URL: await createDatabase(inject('env').DATABASE_URL) },
            },
          })),
        ],
        test: {
          ...patience(120),
          name: 'workers',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{dev,cli,database,selfhost,e2e,browser}/**'],
          setupFiles: ['./test/support/workers-setup.ts'],
          // As in production, one isolate serves many: what a module remembers must not matter. Also three times as fast.
          isolate: false,
        },
      },
      {
        test: {
          ...patience(90),
          name: 'dev',
          include: ['test/{dev,cli,database,selfhost}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...patience(120),
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
        },
      },
      {
        test: {
          ...patience(240),
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['./test/support/browser-setup.ts'],
        },
      },
    ],
  },
});
