/** docs/operations.md holds every setting with its true default, and names only tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { configNames, readApiConfig, readJobsConfig } from '../../src/env.ts';
import { limits } from '../../src/guard/limits.ts';
import { keyKinds } from '../../tooling/key-values.ts';

const text = readFileSync('docs/operations.md', 'utf8');
const rows = [...text.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (API|jobs|both) \| ([^|]*) \| ([^|]+) \|$/gm)].map(
  ([, name = '', worker = '', value = '', meaning = '']) => ({ name, worker, value, meaning }),
);

const secrets: Record<string, string> = {
  ...Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()])),
  DATABASE_URL: 'postgresql://a:b@localhost/gatehouse',
  RESEND_API_KEY: 'x',
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'x',
  RESEND_WEBHOOK_SECRET: 'off',
};
const camelCase = (name: string) =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const limitDefaults = Object.entries(limits).map(([name, { budgets }]) => [
  `limit${name[0]?.toUpperCase()}${name.slice(1)}`,
  budgets,
]);
const defaults: Record<string, unknown> = {
  ...readApiConfig(secrets),
  ...readJobsConfig(secrets),
  ...Object.fromEntries(limitDefaults),
};

/** As a setting is written: budgets are count/seconds. */
const written = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(({ count, seconds }) => `${count}/${seconds}`).join(',')
    : String(value ?? '');

test('every setting of both Workers is there once, and says whose it is', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(
    [...new Set([...configNames.api, ...configNames.jobs])].sort(),
  );
  for (const { name, worker } of rows) {
    const readers = [
      configNames.api.includes(name) && 'API',
      configNames.jobs.includes(name) && 'jobs',
    ].filter(Boolean);
    expect(worker, name).toBe(readers.length === 2 ? 'both' : readers[0]);
  }
});

test('the defaults there and in .dev.vars.example are those of src/env.ts', () => {
  const example = parseEnv(readFileSync('.dev.vars.example', 'utf8'));
  for (const { name, value } of rows) {
    const actual = defaults[camelCase(name)];
    expect(value, name).toBe(name in secrets ? 'secret' : written(actual) || 'none');
    if (!(name in secrets)) expect(example[name], name).toBe(written(actual));
  }
});

test('the tests that the documents name exist', () => {
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(existsSync(path), path).toBe(true);
});
