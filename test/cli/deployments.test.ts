/** Each wrangler.toml: what it says of staging and production, where wrangler inherits nothing, and that it is right once filled in. */
import { expect, test } from 'vitest';
import { unstable_readConfig as readWrangler } from 'wrangler';
import { readApiConfig, readJobsConfig } from '../../src/config/read.ts';
import type { Reader, Setting } from '../../src/config/setting.ts';
import { constantCase, settingsFor } from '../../src/config/settings.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { production } from '../support/production.ts';

const workers = {
  api: { path: 'wrangler.toml', read: readApiConfig },
  jobs: { path: 'src/jobs/wrangler.toml', read: readJobsConfig },
};
const secrets = {
  ...Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()])),
  ...Object.fromEntries(
    (
      [
        'DATABASE_URL',
        'UPSTASH_REDIS_REST_URL',
        'UPSTASH_REDIS_REST_TOKEN',
        'RESEND_API_KEY',
        'RESEND_WEBHOOK_SECRET',
      ] as const
    ).map((name) => [name, production[name]]),
  ),
};
const cases = (['api', 'jobs'] as const).flatMap((worker) =>
  ['staging', 'production'].map((env) => [worker, env] as const),
);
const configOf = (worker: keyof typeof workers, env: string) =>
  readWrangler({ config: workers[worker].path, env });

test.each(cases)('the %s Worker in %s requires every secret that it reads', (worker, env) => {
  const secrets = settingsFor(worker).flatMap(([name, { isSecret }]) =>
    isSecret ? [constantCase(name)] : [],
  );
  expect([...(configOf(worker, env).secrets?.required ?? [])].sort()).toEqual(secrets.sort());
});

test.each(cases)(
  'the %s Worker in %s is given nothing but settings that have no right default',
  (worker, env) => {
    const { vars } = configOf(worker, env);
    expect(vars.ENVIRONMENT).toBe(env);
    const rows = new Map<string, Setting<unknown, Reader>>(
      settingsFor(worker).map(([name, row]) => [constantCase(name), row]),
    );
    for (const [name, value] of Object.entries(vars)) {
      expect(rows.has(name), name).toBe(true);
      expect(value, name).not.toBe(rows.get(name)?.fallback ?? '');
    }
  },
);

test.each(['api', 'jobs'] as const)(
  'locally the %s Worker is told nothing by its wrangler.toml, so that .dev.vars can tell it all',
  (worker) => {
    const { vars, secrets } = configOf(worker, '');
    expect({ vars, secrets }).toEqual({ vars: {}, secrets: undefined });
  },
);

test.each(cases)('the %s Worker in %s starts once the examples are replaced', (worker, env) => {
  const { vars } = configOf(worker, env);
  const { read } = workers[worker];
  expect(() => read({ ...vars, ...secrets })).toThrow('is still the example');
  const filled = JSON.parse(JSON.stringify(vars).replaceAll('example.com', 'gatehouse.dev'));
  expect(read({ ...filled, ...secrets }).environment).toBe(env);
});

test.each(['staging', 'production'])(
  'in %s the API fills the queue that the jobs Worker empties, apart from the others',
  (env) => {
    const [consumer] = configOf('jobs', env).queues.consumers ?? [];
    expect(
      configOf('api', env).queues.producers?.map((producer: { queue?: string }) => producer.queue),
    ).toEqual([consumer?.queue]);
    const [local] = configOf('jobs', '').queues.consumers ?? [];
    const suffix = env === 'staging' ? '-staging' : '';
    expect(consumer).toEqual({
      ...local,
      queue: `gatehouse-mail${suffix}`,
      dead_letter_queue: `gatehouse-mail${suffix}-dead`,
    });
  },
);

test.each(['staging', 'production'])('in %s data points are written', (env) => {
  expect(
    configOf('api', env).analytics_engine_datasets?.map((set: { binding: string }) => set.binding),
  ).toEqual(['METRICS']);
});
